/** Postcopy's own danger: from its switchover until all RAM is across, the guest needs both QEMUs. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TraceRecord } from '../../src/engine/trace/record';
import { qemu100, qemu72 } from '../support/emulators';
import { EngineBench, type Walker } from '../support/workbench';

describe('in postcopy, while the RAM follows the guest', () => {
  const bench = EngineBench.forEachTest();

  /** So slow that there is time for a fault. */
  async function slowWalker(): Promise<Walker> {
    const walker = await bench.walker({ emulator: qemu72, ram: 'memfd', stepsPerSecond: 500 });
    await bench.qmp(walker.first, async (client) =>
      client.execute('migrate-set-parameters', {
        'max-postcopy-bandwidth': 16 * 1024 ** 2,
      }),
    );
    return walker;
  }

  /** At once, and not when precopy has got so far: a slow guest would let that converge. */
  async function switchNow(walker: Walker): Promise<void> {
    const { console } = bench.engine.state.instancePaths(walker.first.id, {});
    await bench.qmp({ ...walker.first, monitor: console }, async (client) =>
      client.execute('migrate-start-postcopy'),
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

  it('a target that ends is the end of the guest, and the source does not go on', async () => {
    const walker = await slowWalker();
    const { outcome, error } = await walker.attempt({
      mode: 'postcopy',
      emulator: qemu100,
      options: {
        beforeStep: (_, step) => (step === 'await-completion' ? switchNow(walker) : undefined),
        onRecord: onceItRunsThere(async () => bench.kill(await bench.targetOf(walker))),
      },
    });
    assert.equal(outcome, 'lost');
    assert.match(error?.code ?? '', /^TARGET_/);
    const state = await bench.qmp(walker.first, async (client) => client.execute('query-status'));
    assert.equal((state as { running: boolean }).running, false);
  });

  it('a cancel comes too late: the guest has moved', async () => {
    const walker = await slowWalker();
    const cancel = new AbortController();
    const { outcome } = await walker.migrate({
      mode: 'postcopy',
      emulator: qemu100,
      options: {
        signal: cancel.signal,
        beforeStep: (_, step) => (step === 'await-completion' ? switchNow(walker) : undefined),
        onRecord: onceItRunsThere(() => {
          cancel.abort();
        }),
      },
    });
    assert.equal(outcome, 'moved');
    await walker.checkMemory();
  });

  it('a channel that breaks is mended, and nothing of the RAM is lost', async () => {
    const walker = await slowWalker();
    const streams: Socket[] = [];
    const proxies: Server[] = [];
    const { outcome, records } = await walker.migrate({
      mode: 'postcopy',
      emulator: qemu100,
      options: {
        async beforeStep(_, step) {
          if (step === 'await-completion') await switchNow(walker);
          if (step !== 'migrate') return;
          const { tables } = await bench.engine.state.read();
          const target = tables.instances.find(({ id }) => id !== walker.first.id);
          assert.ok(target !== undefined);
          const { migration } = bench.engine.state.instancePaths(target.id, {});
          await bench.host.waitForListener(migration);
          await rename(migration, `${migration}.real`);
          const proxy = createServer((near) => {
            const far = connect(`${migration}.real`);
            streams.push(near, far);
            near.pipe(far).pipe(near);
            for (const each of [near, far]) each.on('error', () => undefined);
          }).listen(migration);
          proxies.push(proxy);
        },
        onRecord: onceItRunsThere(() => {
          for (const stream of streams) stream.destroy();
          for (const proxy of proxies) proxy.close();
        }),
      },
    });
    assert.equal(outcome, 'moved');
    assert.ok(
      records.some((record) => record.type === 'warning' && record.code === 'CHANNEL_MENDED'),
    );
    await walker.checkMemory();
  });
});
