/** Postcopy's own danger: from its switchover until all RAM is across, the guest needs both QEMUs. */
import assert from 'node:assert/strict';
import type { TraceRecord } from '../../src/engine/trace/record';
import { BreakableChannel } from '../support/breakable-channel';
import { qemu100, qemu72 } from '../support/emulators';
import type { RunningOptions } from '../support/invariant';
import { EngineBench, type Walker } from '../support/workbench';

describe('in postcopy, while the RAM follows the guest', () => {
  const bench = EngineBench.forEachTest();

  /** So slow that there is time for a fault. */
  async function slowWalker(emulator = qemu72): Promise<Walker> {
    const walker = await bench.walker({ emulator, ram: 'memfd', stepsPerSecond: 500 });
    await bench.qmp(walker.first, async (client) =>
      client.execute('migrate-set-parameters', {
        'max-postcopy-bandwidth': 16 * 1024 ** 2,
      }),
    );
    return walker;
  }

  /** At once, and not when precopy has got so far, which is held back: so small a guest would be over. */
  async function switchNow(walker: Walker, step: string): Promise<void> {
    if (step === 'migrate')
      await tell(walker, 'migrate-set-parameters', { 'max-bandwidth': 5 * 1024 ** 2 });
    if (step === 'await-completion') await tell(walker, 'migrate-start-postcopy');
  }

  async function tell({ first }: Walker, command: string, args?: object): Promise<void> {
    const { console } = bench.engine.state.instancePaths(first.id, {});
    await bench.qmp({ ...first, monitor: console }, async (client) =>
      client.execute(command, args),
    );
  }

  /** Does something once the guest runs at the target. */
  function onceItRunsThere(act: () => unknown): (record: TraceRecord) => void {
    let done = false;
    return (record) => {
      if (done || record.type !== 'qmp' || record.name !== 'RESUME') return;
      done = true;
      void act();
    };
  }

  /** Whether the source runs the guest. */
  async function runs({ first }: Walker): Promise<boolean> {
    const state = await bench.qmp(first, async (client) => client.execute('query-status'));
    return (state as { running: boolean }).running;
  }

  it('a target that ends is the end of the guest, and the source does not go on', async () => {
    const walker = await slowWalker();
    const { outcome, error } = await walker.attempt({
      mode: 'postcopy',
      emulator: qemu100,
      options: {
        beforeStep: (_, step) => switchNow(walker, step),
        onRecord: onceItRunsThere(async () => bench.kill(await bench.targetOf(walker))),
      },
    });
    assert.equal(outcome, 'lost');
    assert.match(error?.code ?? '', /^TARGET_/);
    assert.equal(await runs(walker), false);
  });

  it('a cancel comes too late: the guest has moved', async () => {
    const walker = await slowWalker();
    const cancel = new AbortController();
    const { outcome } = await walker.migrate({
      mode: 'postcopy',
      emulator: qemu100,
      options: {
        signal: cancel.signal,
        beforeStep: (_, step) => switchNow(walker, step),
        onRecord: onceItRunsThere(() => {
          cancel.abort();
        }),
      },
    });
    assert.equal(outcome, 'moved');
    await walker.checkMemory();
  });

  describe('a channel that breaks', () => {
    const channels = new Set<BreakableChannel>();
    afterEach(() => {
      for (const channel of channels) channel.close();
      channels.clear();
    });

    /** Migrates by a channel that breaks once the guest runs at the target. */
    async function migrateBy(
      channel: BreakableChannel,
      walker: Walker,
      running: RunningOptions = {},
    ) {
      channels.add(channel);
      const migrated = await walker.attempt({
        ...running,
        mode: 'postcopy',
        emulator: qemu100,
        options: {
          async beforeStep(_, step) {
            await switchNow(walker, step);
            if (step !== 'migrate') return;
            const { tables } = await bench.engine.state.read();
            const target = tables.instances.find(({ id }) => id !== walker.first.id);
            assert.ok(target !== undefined);
            const { migration } = bench.engine.state.instancePaths(target.id, {});
            await bench.host.waitForListener(migration);
            await channel.takeThePlaceOf(migration);
          },
          onRecord: onceItRunsThere(async () => channel.break()),
        },
      });
      const isMended = migrated.records.some(
        (record) => record.type === 'warning' && record.code === 'CHANNEL_MENDED',
      );
      return { ...migrated, isMended };
    }

    for (const emulator of [qemu72, qemu100]) {
      it(`while the source sends is mended, and nothing of the RAM is lost: ${emulator}`, async () => {
        const walker = await slowWalker(emulator);
        const { outcome, isMended } = await migrateBy(new BreakableChannel('slow'), walker);
        assert.equal(outcome, 'moved');
        assert.ok(isMended);
        await walker.checkMemory();
      });
    }

    /** The guest has moved, and with all of its RAM; or nothing more can be done, and only one may run. */
    async function checkEnd(
      walker: Walker,
      { outcome, isMended, error }: Awaited<ReturnType<typeof migrateBy>>,
    ): Promise<void> {
      if (outcome === 'moved') {
        assert.ok(isMended);
        await walker.checkMemory();
        return;
      }
      assert.equal(outcome, 'undecided');
      assert.match(error?.code ?? '', /^CHANNEL_(CUT|BROKEN)$/);
      assert.equal(await runs(walker), false);
      for (const each of [await bench.targetOf(walker), walker.first.process])
        await bench.kill(each);
      assert.equal((await bench.engine.recover(walker.uuid))?.outcome, 'lost');
    }

    it('when the source has sent all is told, and a source that goes on is stopped', async () => {
      const walker = await slowWalker(qemu100);
      // QEMU 10 sets its guest running again before anybody can say a word.
      const migrated = await migrateBy(new BreakableChannel('keeps the end'), walker, {
        overlapMs: 2000,
      });
      await checkEnd(walker, migrated);
    });

    it('when the source has sent all is told, also by a QEMU that does not learn of it', async () => {
      const walker = await slowWalker();
      const migrated = await migrateBy(new BreakableChannel('keeps the end'), walker);
      await checkEnd(walker, migrated);
    });
  });
});
