/**
 * Every fault before every step of every mode. The tables are made of the steps as the engine has
 * them, and what must come of a fault is derived by rule from what QEMU did: so a new step is tested
 * as soon as it is there.
 */
import assert from 'node:assert/strict';
import { phasesOfMigration } from '../../src/engine/migration/migrate';
import type { Mode } from '../../src/engine/mode';
import type { Phase, TraceRecord } from '../../src/engine/trace/record';
import { qemu100, qemu72 } from '../support/emulators';
import { EngineBench, type Migrated, type Walker, type WalkerOptions } from '../support/workbench';

interface Point {
  readonly phase: Phase;
  readonly step: string;
}

const points: readonly Point[] = phasesOfMigration.flatMap(({ phase, steps }) =>
  steps.map(({ name }) => ({ phase, step: name })),
);
const startTarget = points.findIndex(({ step }) => step === 'start-target');
const withTarget = points.slice(startTarget + 1);

/** A monitor's unix socket, so that there is something to take back in `take-back`. */
const guests: readonly {
  readonly mode: Mode;
  readonly to: string;
  readonly guest: WalkerOptions;
}[] = [
  { mode: 'precopy', to: qemu100, guest: { emulator: qemu72, ram: 'memfd' } },
  { mode: 'ignore-shared', to: qemu100, guest: { emulator: qemu72 } },
  { mode: 'cpr-transfer', to: qemu100, guest: { emulator: qemu100, ram: 'memfd' } },
  { mode: 'postcopy', to: qemu100, guest: { emulator: qemu72, ram: 'memfd' } },
];

/** Steps that were come by in any mode. */
const met = new Set<string>();

for (const { mode, to, guest } of guests) {
  describe(`${mode}, whatever happens before a step`, () => {
    const bench = EngineBench.forSuite();
    let walker: Walker | undefined;

    /** One domain serves until a fault has ended it, and its emulator is the source's anew. */
    async function freshWalker(): Promise<Walker> {
      if (walker !== undefined) {
        const { uuid, first } = walker;
        const listed = (await bench.engine.overview()).domains.find(
          ({ domain }) => domain.uuid === uuid,
        );
        if (listed?.domain.source === first.id && listed.state === 'running') return walker;
        await bench.engine.destroy(uuid);
      }
      const number = String(Math.random()).slice(2, 8);
      walker = await bench.walker({
        ...guest,
        name: `walker-${number}`,
        arguments: ['-qmp', `unix:${bench.path(`user-${number}.sock`)},server=on,wait=off`],
      });
      return walker;
    }

    /** Migrates with a fault before one step. */
    async function migrateWith(
      { phase, step }: Point,
      fault: () => Promise<void> | void,
      options: { signal?: AbortSignal } = {},
    ): Promise<Migrated & { readonly hit: boolean }> {
      let hit = false;
      let failure: unknown;
      assert.ok(walker !== undefined);
      const migrated = await walker.migrate({
        mode,
        emulator: to,
        options: {
          ...options,
          beforeStep: async (...now) => {
            if (hit || now[0] !== phase || now[1] !== step) return;
            hit = true;
            met.add(`${phase} ${step}`);
            try {
              await fault();
            } catch (error) {
              failure = error;
            }
          },
        },
      });
      assert.equal(failure, undefined, 'the fault itself failed');
      return { ...migrated, hit };
    }

    for (const point of points) {
      it(`cancel before ${point.step} in ${point.phase}`, async () => {
        const source = await (await freshWalker()).instance();
        const before = await settings(bench, source);
        const cancel = new AbortController();
        const { outcome, error, records, hit } = await migrateWith(
          point,
          () => {
            cancel.abort();
          },
          { signal: cancel.signal },
        );
        if (!hit || targetRan(records) || afterSwitchover(point)) {
          assert.equal(outcome, 'moved');
          return;
        }
        assert.equal(outcome, targetClaimed(records) ? 'stayed' : 'refused');
        assert.equal(error?.code, 'CANCELLED');
        assert.deepEqual(await settings(bench, source), before);
      });
    }

    for (const point of withTarget) {
      it(`the target killed before ${point.step} in ${point.phase}`, async () => {
        const domain = await freshWalker();
        const source = await domain.instance();
        const { outcome, error, records, hit } = await migrateWith(point, async () => {
          await bench.kill(await bench.targetOf(domain));
        });
        const sourceQuit = exited(records, source.id);
        if (!hit) assert.equal(outcome, 'moved');
        else if (sourceQuit) assert.equal(outcome, 'lost');
        // What it has written to its RAM there is nowhere else.
        else if (targetRan(records) && mode === 'postcopy') assert.equal(outcome, 'lost');
        else if (targetRan(records) && mode !== 'precopy') {
          // The target has changed the RAM that the source would go on with.
          assert.equal(outcome, 'undecided');
          assert.equal(resumed(records, source.id), false);
        } else assert.equal(outcome, 'stayed');
        if (hit) assert.match(error?.code ?? '', /^TARGET_(FAILED|LOST|KILLED|NOT_RUNNING)$/);
      });
    }

    for (const point of points) {
      it(`the source killed before ${point.step} in ${point.phase}`, async () => {
        const source = await (await freshWalker()).instance();
        const { outcome, error, records, hit } = await migrateWith(point, () =>
          bench.kill(source.process),
        );
        if (hit && mode === 'postcopy' && targetRan(records) && !targetHasAll(records)) {
          assert.equal(outcome, 'undecided');
          return;
        }
        if (!hit || targetRan(records) || afterSwitchover(point)) {
          assert.equal(outcome, 'moved');
          return;
        }
        assert.equal(outcome, 'lost');
        assert.equal(error?.code, 'SOURCE_UNREACHABLE');
      });
    }
  });
}

describe('the faults above', () => {
  it('came before each step of a migration, in one mode or another', () => {
    const all = points.map(({ phase, step }) => `${phase} ${step}`);
    assert.deepEqual([...met].sort(), all.sort());
  });
});

function afterSwitchover({ phase }: Point): boolean {
  return phase === 'finish' || phase === 'confirm';
}

function targetClaimed(records: readonly TraceRecord[]): boolean {
  return records.some((record) => record.type === 'table' && record.to === 'remote');
}

/** Whether the guest ever ran at the target. */
function targetRan(records: readonly TraceRecord[]): boolean {
  const target = targetOf(records);
  return target !== undefined && resumed(records, target);
}

/** Whether all of the guest's RAM came there. */
function targetHasAll(records: readonly TraceRecord[]): boolean {
  const target = targetOf(records);
  return records.some(
    (record) =>
      record.type === 'qmp' &&
      record.name === 'MIGRATION' &&
      record.instance === target &&
      JSON.stringify(record.message).includes('"completed"'),
  );
}

function targetOf(records: readonly TraceRecord[]): number | undefined {
  return records.find((record) => record.type === 'table' && record.to === 'remote')?.instance;
}

function resumed(records: readonly TraceRecord[], instance: number): boolean {
  return records.some(
    (record) =>
      record.type === 'qmp' &&
      record.kind === 'event' &&
      record.name === 'RESUME' &&
      record.instance === instance,
  );
}

function exited(records: readonly TraceRecord[], instance: number): boolean {
  return records.some(
    (record) => record.type === 'process' && record.edge === 'exit' && record.instance === instance,
  );
}

/** What a migration sets at its source. */
async function settings(bench: EngineBench, source: Walker['first']): Promise<unknown> {
  return bench.qmp(source, async (client) => ({
    capabilities: await client.execute('query-migrate-capabilities'),
    parameters: await client.execute('query-migrate-parameters'),
  }));
}
