import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { nameOf } from '../../../src/views/timeline/model/describe';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import {
  defaultFilters,
  filterItems,
  groups,
  origins,
  SearchTexts,
  type Filters,
} from '../../../src/views/timeline/traffic/filters';
import { anyTrace, at, command, header, moved, reply } from './traces';

function shown(change: Partial<Filters>, records: readonly TraceRecord[] = moved): string[] {
  const filters = { ...defaultFilters, ...change };
  return filterItems(TraceModel.of(records), filters, new SearchTexts()).map(nameOf);
}

describe("the filters of the timeline's list", () => {
  it('show at first what both QEMUs said and were told, and how it ended', () => {
    assert.deepEqual(shown({}), [
      ...['query-status', 'qom-get', 'warning: no pcid', 'migrate', 'MIGRATION active'],
      ...['STOP', 'RESUME', 'quit', 'moved'],
    ]);
  });

  it('by kind', () => {
    assert.deepEqual(shown({ groups: ['events'] }), ['MIGRATION active', 'STOP', 'RESUME']);
    assert.deepEqual(shown({ groups: ['output'] }), ['warning: no pcid']);
    assert.deepEqual(shown({ groups: [] }), []);
  });

  it('of errors show what failed, of whatever kind', () => {
    assert.deepEqual(shown({ groups: ['errors'] }), ['qom-get', 'quit', 'moved']);
  });

  it('by side; what is of no side is of both', () => {
    assert.deepEqual(shown({ sides: ['target'] }), ['warning: no pcid', 'RESUME', 'moved']);
  });

  it('by origin, of commands', () => {
    const byUser = command(2000, 7, 'stop', 'u-1');
    const records = [header, command(1000, 7, 'cont', '7-1'), { ...byUser, origin: 'user' }];
    assert.deepEqual(shown({ origins: ['user'] }, records), ['stop']);
    assert.deepEqual(shown({ origins: ['engine'] }, records), ['cont']);
  });

  it('by text, in the name and in the JSON of a command and of its reply', () => {
    assert.deepEqual(shown({ text: 'MIGR' }), ['migrate', 'MIGRATION active']);
    assert.deepEqual(shown({ text: 'not so' }), ['qom-get']);
    assert.deepEqual(shown({ text: ' PCID ' }), ['warning: no pcid']);
    assert.deepEqual(shown({ text: 'nowhere' }), []);
  });

  it('by text, find a reply that came after the command was searched', () => {
    const model = TraceModel.of([header, command(1000, 7, 'query-name', '7-1')]);
    const texts = new SearchTexts();
    const filters = { ...defaultFilters, text: 'alpha' };
    assert.equal(filterItems(model, filters, texts).length, 0);
    const answer = reply(2000, 7, 'query-name', '7-1');
    assert.ok(answer.type === 'qmp');
    model.append([{ ...answer, message: { return: 'alpha' } }]);
    assert.equal(filterItems(model, filters, texts).length, 1);
  });

  it('let each item through that a wider filter lets through, in the order of time', () => {
    const some = <T>(all: readonly T[]) => fc.subarray([...all]);
    const choice = fc.record({
      text: fc.constantFrom('', 'quit', 'stop'),
      sides: some(['source', 'target'] as const),
      groups: some(groups),
      origins: some(origins),
    });
    fc.assert(
      fc.property(anyTrace, choice, (records, filters) => {
        const model = TraceModel.of(records);
        const texts = new SearchTexts();
        const items = filterItems(model, filters, texts);
        const wider = filterItems(model, { ...filters, text: '', groups: [...groups] }, texts);
        assert.ok(items.every((item) => wider.includes(item)));
        assert.deepEqual(
          items.map(({ startUs }) => startUs).sort((a, b) => a - b),
          [...items.map(({ startUs }) => startUs)],
        );
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it('leave out a warning only with the errors', () => {
    const records = [header, at(5, { type: 'warning', code: 'X', message: 'beware' })];
    assert.deepEqual(shown({}, records), ['beware']);
    assert.deepEqual(shown({ groups: ['commands', 'events', 'output'] }, records), []);
  });
});
