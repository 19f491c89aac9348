import assert from 'node:assert/strict';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { factsOf } from '../../../src/views/timeline/header/facts';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { at, event, header, moved, plan, upgraded } from './traces';

const facts = (records: readonly TraceRecord[], nowUs = 0, isLive = false) => {
  const model = TraceModel.of(records);
  const all = factsOf(model, Math.max(nowUs, model.lastUs), isLive);
  assert.ok(all !== undefined);
  return all;
};
const named = ({ facts: all }: ReturnType<typeof facts>) =>
  Object.fromEntries(all.map(({ name, value }) => [name, value]));

describe("the timeline's header", () => {
  it('says who moved from where to where, and what came of it', () => {
    const { domain, host, parties, result, failure } = facts(moved);
    assert.deepEqual([domain, host], ['alpha', 'devhost']);
    assert.deepEqual(
      parties.map(({ id, version }) => [id, version]),
      [
        [7, '7.2.22'],
        [8, '10.0.13'],
      ],
    );
    assert.deepEqual(result, { text: 'moved', tone: 'good' });
    assert.equal(failure, undefined);
  });

  it('says nothing of a trace that is not there yet', () => {
    assert.equal(factsOf(TraceModel.of([]), 0, false), undefined);
  });

  it('has the figures', () => {
    assert.deepEqual(named(facts(moved)), {
      'Guest stood still': '2.4 ms',
      'All five phases': '104 ms',
      Mode: 'ignore-shared',
      RAM: 'none copied, 345 KiB of device state',
      'Taken back': 'VNC',
    });
  });

  it('has the whole chain of two migrations, and the figures of both', () => {
    const two = facts(upgraded);
    assert.deepEqual(
      two.parties.map(({ id, version, manager }) => [id, version, manager]),
      [
        [1, '7.2.22', 'libvirt'],
        [2, '10.0.13', undefined],
        [3, '10.0.13', 'libvirt'],
      ],
    );
    assert.deepEqual(named(two), {
      'Guest stood still': '1.5 ms + 1.5 ms',
      'Both migrations': '160 ms',
      Mode: 'ignore-shared, then precopy',
      RAM: 'none copied, then 80 MiB sent for 256 MiB',
    });
  });

  it('says of a second migration that failed where the guest has stayed', () => {
    const failed = facts([
      ...upgraded.slice(0, -1),
      at(160_000, { type: 'verdict', outcome: 'stayed', message: 'no' }),
    ]);
    assert.deepEqual(failed.result, { text: 'stayed at #2', tone: 'bad' });
  });

  it('runs on while the migration does', () => {
    const live = facts(moved.slice(0, 12), 45_000, true);
    assert.deepEqual(live.result, { text: 'under way', tone: 'busy' });
    assert.equal(named(live)['So far'], '45 ms');
  });

  it('does not take a trace that was cut off for one that goes on', () => {
    assert.match(facts(moved.slice(0, 12)).result.text, /cut off/);
  });

  it('says the cause of a failure first, and the last that the target printed', () => {
    const printed = ['one', 'two', 'three', 'four', 'five'].map((text, i) =>
      at(30_000 + i, { type: 'output', instance: 8, text: `${text}\n` }),
    );
    const { failure, result } = facts([
      header,
      plan,
      at(21_000, { type: 'table', instance: 8, to: 'remote' }),
      ...printed,
      at(40_000, {
        type: 'verdict',
        outcome: 'stayed',
        code: 'TARGET_FAILED',
        message: 'It died. It said: four',
        hint: 'Start it\u202E again.',
      }),
    ]);
    assert.deepEqual(failure, {
      message: 'It died. It said: four',
      code: 'TARGET_FAILED',
      hint: 'Start it⟨U+202E⟩ again.',
      blockers: [],
      lastWords: ['two', 'three', 'five'],
    });
    assert.equal(result.tone, 'bad');
  });

  it('lists all that stands in the way, if that is more than one thing', () => {
    const blockers = ['a', 'b'].map((message) => ({ code: 'X', message }));
    const { failure } = facts([
      header,
      { ...plan, blockers } as TraceRecord,
      at(40_000, { type: 'verdict', outcome: 'refused', code: 'REFUSED', message: 'a and more' }),
    ]);
    assert.deepEqual(failure?.blockers, ['a', 'b']);
  });

  it('says how long the guest stood still for a migration that failed', () => {
    const failed = facts([
      header,
      plan,
      event(30_000, 7, 'STOP'),
      event(31_000, 7, 'RESUME'),
      at(40_000, { type: 'verdict', outcome: 'stayed' }),
    ]);
    assert.equal(named(failed)['Guest stood still'], '1 ms');
  });

  it('shows names that would deceive as what they are', () => {
    const { domain } = facts([{ ...header, domain: 'a\u202Eb' } as TraceRecord]);
    assert.equal(domain, 'a⟨U+202E⟩b');
  });
});
