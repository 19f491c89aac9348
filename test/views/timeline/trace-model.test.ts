import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { summarize } from '../../../src/engine/trace/summary';
import { nameOf, whereOf } from '../../../src/views/timeline/model/describe';
import { isFailed, type Item } from '../../../src/views/timeline/model/items';
import { layoutOf } from '../../../src/views/timeline/model/layout';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { anyTrace, at, command, event, header, moved, plan, reply, upgraded } from './traces';

const runs = { seed: 7, numRuns: 300 };

/** Name, beginning, end. */
const told = (items: readonly Item[]) =>
  items.map((item) => [nameOf(item), item.startUs, item.endUs] as const);

/** All that can be seen of a model. */
function contents(model: TraceModel) {
  return {
    all: model.all.items,
    items: model.records.map((_, id) => model.item(id)),
    lanes: layoutOf(model).lanes.map(({ id, strips }) => [
      id,
      strips.map(({ track }) => track.items),
    ]),
    instances: model.instances.map(({ id, roles, pid }) => [id, roles, pid]),
    hops: model.hops,
    standstills: model.standstills,
    lastUs: model.lastUs,
  };
}

function withoutId(record: TraceRecord): TraceRecord {
  const copy = { ...record };
  if ('id' in copy) delete copy.id;
  return copy;
}

function withoutName(record: TraceRecord): TraceRecord {
  const copy = { ...record };
  if ('name' in copy) delete copy.name;
  return copy;
}

describe("the timeline's model of a trace", () => {
  const model = TraceModel.of(moved);
  const [source, target] = model.instances;
  assert.ok(source !== undefined && target !== undefined);

  it('has the phases with their times', () => {
    assert.deepEqual(told(model.phases.rows[0]?.items ?? []), [
      ['Begin', 1000, 20_100],
      ['Prepare', 20_200, 80_000],
      ['Perform', 80_100, 90_100],
      ['Finish', 90_200, 90_300],
      ['Confirm', 90_400, 103_000],
    ]);
  });

  it('knows both instances, the source first', () => {
    const facts = model.instances.map(({ id, roles, pid, version }) => [id, roles, pid, version]);
    assert.deepEqual(facts, [
      [7, [{ hop: 0, side: 'source' }], 4182, '7.2.22'],
      [8, [{ hop: 0, side: 'target' }], 4203, '10.0.13'],
    ]);
  });

  it('has what each instance did without gaps, from the start of its process to its end', () => {
    assert.deepEqual(told(source.runStates.items), [
      ['running', 1650, 87_500],
      ['paused', 87_500, 90_000],
      ['postmigrate', 90_000, 96_000],
      ['gone', 96_000, Infinity],
    ]);
    assert.deepEqual(told(target.runStates.items), [
      ['QEMU starts', 22_000, 75_000],
      ['inmigrate', 75_000, 89_900],
      ['running', 89_900, Infinity],
    ]);
  });

  it('brings commands and answers together, those sent at once in rows of their own', () => {
    const [first, second] = source.exchanges.rows.map(({ items }) => told(items));
    assert.deepEqual(first, [
      ['query-status', 1200, 1500],
      ['migrate', 84_400, 84_710],
      ['quit', 92_400, 96_000],
    ]);
    assert.deepEqual(second, [['qom-get', 1200, 1600]]);
  });

  it('knows which commands failed, and which the process took into its grave', () => {
    const outcomes = source.exchanges.rows
      .flatMap(({ items }) => items)
      .map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['reply', 'reply', 'unanswered', 'error']);
  });

  it('gives an answer the item of its command', () => {
    const answer = model.records.findIndex(
      (record) => record.type === 'qmp' && record.kind === 'error',
    );
    const item = model.item(answer);
    assert.ok(item?.kind === 'exchange' && item.name === 'qom-get' && item.answer === answer);
    assert.ok(isFailed(item));
    assert.equal(model.item(item.id), item);
  });

  it('has a late event where it happened', () => {
    assert.deepEqual(
      told(source.marks.items).map(([name]) => name),
      ['MIGRATION active', 'STOP', 'process ends'],
    );
    assert.ok(
      model.all.items.every(({ startUs }, i) => startUs >= (model.all.items[i - 1]?.startUs ?? 0)),
    );
  });

  it('agrees with the summary of the trace', () => {
    const { downtimeUs, totalUs } = summarize(moved);
    const [standstill] = model.standstills;
    assert.ok(standstill?.hasMoved);
    assert.equal(standstill.endUs - standstill.startUs, downtimeUs);
    assert.equal(model.totalUs, totalUs);
  });

  it('says of which side an item is', () => {
    const resume = model.all.items.find((item) => nameOf(item) === 'RESUME');
    assert.ok(resume);
    assert.equal(whereOf(resume, model), '#8 target');
  });

  it('shows what is under way without an end', () => {
    const half = TraceModel.of(
      moved.slice(
        0,
        moved.findIndex((record) => record.type === 'process'),
      ),
    );
    assert.equal(half.phases.rows[0]?.last?.endUs, Infinity);
    assert.equal(half.totalUs, undefined);
  });

  describe('the standstill', () => {
    const stop = event(100, 7, 'STOP');

    it('has no end while nobody runs the guest', () => {
      const [standstill] = TraceModel.of([header, plan, stop]).standstills;
      assert.deepEqual([standstill?.startUs, standstill?.endUs], [100, Infinity]);
    });

    it('ends at the source when the migration fails', () => {
      const failed = [header, plan, stop, event(900, 7, 'RESUME')];
      const [standstill] = TraceModel.of(failed).standstills;
      assert.deepEqual([standstill?.endUs, standstill?.hasMoved], [900, false]);
      assert.equal(summarize(failed).downtimeUs, undefined);
    });

    it('is none if the guest was paused before and after', () => {
      const { standstills } = TraceModel.of([
        header,
        plan,
        at(9, { type: 'verdict', outcome: 'moved' }),
      ]);
      assert.deepEqual(standstills, []);
    });
  });

  it('takes answers without ids in the order of the commands', () => {
    const commands = [command(100, 7, 'getfd', ''), command(200, 7, 'migrate', '')];
    const answers = [300, 400].map((us) => withoutName(reply(us, 7, '', '')));
    const { all } = TraceModel.of([header, ...[...commands, ...answers].map(withoutId)]);
    assert.deepEqual(told(all.items), [
      ['getfd', 100, 300],
      ['migrate', 200, 400],
    ]);
  });

  it('takes an answer without a command, and a command without an id', () => {
    const anonymous = withoutId(command(200, 7, 'stop', ''));
    const answer = withoutId(reply(300, 7, 'stop', ''));
    const { all } = TraceModel.of([header, reply(100, 7, 'cont', '7-9'), anonymous, answer]);
    assert.deepEqual(told(all.items), [
      ['cont', 100, 100],
      ['stop', 200, 300],
    ]);
  });

  it('is the same whether records come one by one, in chunks or at once', () => {
    fc.assert(
      fc.property(anyTrace, fc.integer({ min: 1, max: 9 }), (records, size) => {
        const grown = new TraceModel();
        for (let i = 0; i < records.length; i += size) grown.append(records.slice(i, i + size));
        assert.deepEqual(contents(grown), contents(TraceModel.of(records)));
      }),
      runs,
    );
  });

  it('has no two items over each other in one row, whatever the trace', () => {
    fc.assert(
      fc.property(anyTrace, (records) => {
        for (const { id, strips } of layoutOf(TraceModel.of(records)).lanes) {
          for (const { track, shape } of strips) {
            for (const [index, item] of track.items.entries()) {
              const next = track.items[index + 1];
              assert.ok(
                item.endUs >= item.startUs,
                `${id}: ${JSON.stringify(item)} ends before it begins`,
              );
              if (next === undefined) continue;
              const limit = shape === 'bar' ? item.endUs : item.startUs;
              assert.ok(next.startUs >= limit, `${id}: ${JSON.stringify([item, next])} overlap`);
            }
          }
        }
      }),
      runs,
    );
  });

  describe('with two migrations, one after the other', () => {
    const model = TraceModel.of(upgraded);
    const item = (name: string) => {
      const found = model.all.items.find((each) => nameOf(each) === name);
      assert.ok(found, name);
      return found;
    };

    it('has the instances in the order in which they had the guest, with all that they were', () => {
      assert.deepEqual(
        model.instances.map(({ id, roles, manager, version }) => [id, roles, manager, version]),
        [
          [1, [{ hop: 0, side: 'source' }], 'libvirt', '7.2.22'],
          [
            2,
            [
              { hop: 0, side: 'target' },
              { hop: 1, side: 'source' },
            ],
            undefined,
            '10.0.13',
          ],
          [3, [{ hop: 1, side: 'target' }], 'libvirt', '10.0.13'],
        ],
      );
    });

    it('has each item on the side that its instance was on at that time', () => {
      assert.equal(whereOf(item('migrate-incoming'), model), '#2 target');
      assert.equal(whereOf(item('migrate'), model), '#2 source');
    });

    it('has a standstill of each', () => {
      const lengths = model.standstills.map(({ startUs, endUs, hasMoved }) => [
        startUs,
        endUs - startUs,
        hasMoved,
      ]);
      assert.deepEqual(lengths, [
        [27_000, 1_500, true],
        [127_000, 1_500, true],
      ]);
    });

    it('has them in a lane of their own, from the first phase to the end of the last one', () => {
      const [lane] = layoutOf(model).lanes;
      assert.equal(lane?.id, 'hops');
      const items = lane.strips[0]?.track.items ?? [];
      assert.deepEqual(told(items), [
        ['1: to Sidestep', 2_000, 51_000],
        ['2: back to libvirt', 102_000, 151_000],
      ]);
      assert.equal(model.item(items[1]?.id), items[1]);
    });

    it('does not count them among the items of the trace', () => {
      assert.ok(model.all.items.every(({ kind }) => kind !== 'hop'));
    });

    it('tells of the second one that it failed, and that the guest went on where it was', () => {
      const until = upgraded.findIndex(({ at: us }) => us >= (upgraded[0]?.at ?? 0) + 122_000);
      const failed = TraceModel.of([
        ...upgraded.slice(0, until),
        event(127_000, 2, 'STOP'),
        event(129_000, 2, 'RESUME'),
        at(130_000, { type: 'phase', phase: 'perform', side: 'source', edge: 'failed' }),
        at(131_000, { type: 'verdict', outcome: 'stayed' }),
      ]);
      assert.deepEqual(
        failed.standstills.map(({ hasMoved }) => hasMoved),
        [true, false],
      );
      assert.deepEqual(failed.hopItems.items.map(isFailed), [false, true]);
    });
  });

  it('takes 100,000 records in a few tenths of a second', () => {
    const records = Array.from({ length: 50_000 }, (_, i) => [
      command(i * 100, 7 + (i % 2), 'query-migrate', String(i)),
      reply(i * 100 + 150, 7 + (i % 2), 'query-migrate', String(i)),
    ]).flat();
    const model = new TraceModel();
    const begun = performance.now();
    for (let i = 0; i < records.length; i += 1000) model.append(records.slice(i, i + 1000));
    // A busy machine may take longer, but not the minutes of what looks at all that was before.
    assert.ok(performance.now() - begun < 5000);
    assert.equal(model.all.length, 50_000);
  });
});
