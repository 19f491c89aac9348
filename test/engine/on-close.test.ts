/** Clients that go away while they migrate, closed or killed, and what they wished for that case. */
import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine';
import { timeLimit } from '../../src/host/time-limit';
import type { CloseAction } from '../../src/engine/migration/on-close';
import { modes } from '../../src/engine/mode';
import { qemu100 } from '../support/emulators';
import { OtherClient } from '../support/other-client';
import { EngineBench, type Migrated, type Walker } from '../support/workbench';

const slow = 5 * 1024 ** 2;
const fast = 1024 ** 4;

describe('A client that goes away while it migrates', () => {
  const bench = EngineBench.forEachTest();
  let walker: Walker;

  beforeEach(async () => {
    const monitor = `unix:${bench.path('user.sock')},server=on,wait=off`;
    walker = await bench.walker({ ram: 'memfd', arguments: ['-qmp', monitor] });
  });

  /** Of the migration under way, in bytes a second; by a monitor that the engine does not use. */
  async function setBandwidth(bandwidth: number): Promise<void> {
    const user = { ...walker.first, monitor: bench.path('user.sock') };
    await bench.qmp(user, (client) =>
      client.execute('migrate-set-parameters', { 'max-bandwidth': bandwidth }),
    );
  }

  /** A copy that takes its time, whose client is closed in the middle of it. */
  function closeInTheMiddle(onClose: CloseAction): Promise<Migrated> {
    return walker.attempt({
      mode: 'precopy',
      emulator: qemu100,
      options: {
        onClose,
        beforeStep: async (_, step) => {
          if (step === 'migrate') await setBandwidth(slow);
        },
        onRecord: (record) => {
          if (record.type === 'ram' && record.transferred > 0) void bench.engine.leave();
        },
      },
    });
  }

  function closeBefore(fatal: string): Promise<Migrated> {
    return walker.migrate({
      mode: 'precopy',
      emulator: qemu100,
      options: {
        beforeStep: (_, step) => {
          if (step === fatal) void bench.engine.leave();
        },
      },
    });
  }

  async function nextClient(): Promise<Engine> {
    return Engine.open(bench.host, bench.stateFolder);
  }

  it('leaves it to QEMU, and whoever comes next confirms it', async () => {
    const { outcome, error } = await closeInTheMiddle('finish');
    assert.equal(error?.code, 'LEFT_TO_QEMU');
    assert.equal(outcome, 'undecided');
    assert.equal(bench.engine.migrations.size, 0);
    const next = await nextClient();
    const [left] = (await next.overview()).domains;
    assert.equal(left?.state, 'migrating');
    assert.equal(left.lastFailure, undefined);
    // What QEMU is still at is nothing to wait for.
    assert.deepEqual(await next.recoverAll(), []);
    await setBandwidth(fast);
    const recovery = await next.recover(walker.name);
    assert.equal(recovery?.outcome, 'moved');
    await walker.checkWhereItRuns(2);
    await walker.checkMemory();
    const records = await bench.readTrace(recovery.tracePath);
    const verdicts = records.filter(({ type }) => type === 'verdict');
    assert.deepEqual(
      verdicts.map((record) => record.type === 'verdict' && record.outcome),
      ['moved'],
    );
    await next.close();
  });

  it('cancels it if it was asked to', async () => {
    const { outcome, error } = await closeInTheMiddle('cancel');
    assert.equal(error?.code, 'CANCELLED');
    assert.equal(outcome, 'stayed');
    await walker.checkWhereItRuns(1);
  });

  it('undoes what QEMU is not at yet, which it could not finish', async () => {
    for (const step of ['examine-source', 'start-target', 'open-channel', 'configure-source']) {
      const { error } = await closeBefore(step);
      assert.equal(error?.code, 'CANCELLED', step);
    }
  });

  it('finishes it if the guest has moved', async () => {
    for (const step of ['quit-source', 'take-back']) {
      assert.equal((await closeBefore(step)).outcome, 'moved', step);
    }
  });

  describe('killed,', () => {
    /** Once QEMU copies RAM, which takes its time. */
    async function killInTheMiddle(onClose: CloseAction): Promise<void> {
      const client = await migrateUntil('perform/migrate', onClose);
      await setBandwidth(slow);
      const user = { ...walker.first, monitor: bench.path('user.sock') };
      await bench.qmp(user, async (qmp) => {
        client.goOn();
        await qmp.waitForEvent(({ data }) => data['status'] === 'active');
      });
      await client.kill();
    }

    async function migrateUntil(step: string, onClose: CloseAction): Promise<OtherClient> {
      const client = new OtherClient(
        ...['migrate', bench.stateFolder, step, walker.name, 'precopy', qemu100, onClose],
      );
      assert.deepEqual(await client.says(), { at: step });
      return client;
    }

    it('has it cancelled by whoever comes next, at once, if it wished so', async () => {
      await killInTheMiddle('cancel');
      const [recovery] = await bench.engine.recoverAll();
      assert.equal(recovery?.outcome, 'stayed');
      await walker.checkWhereItRuns(1);
      await walker.checkMemory();
    });

    it('has it finished if the guest has moved, whatever it wished', async () => {
      const client = await migrateUntil('confirm/quit-source', 'cancel');
      await client.kill();
      const [recovery] = await bench.engine.recoverAll();
      assert.equal(recovery?.outcome, 'moved');
      await walker.checkWhereItRuns(2);
    });

    it('is noticed by a client that was there before', async () => {
      const { engine } = bench;
      assert.deepEqual(await engine.migratedByOthers(), []);
      const client = await migrateUntil('perform/migrate', 'finish');
      const others = await engine.migratedByOthers();
      assert.deepEqual(others, [walker.uuid]);
      assert.deepEqual(await engine.recoverAll(), []);
      const leaves = engine.othersLeave(others, timeLimit(20_000));
      await client.kill();
      await leaves;
      const [recovery] = await bench.engine.recoverAll();
      assert.equal(recovery?.outcome, 'stayed');
    });

    for (const mode of modes) {
      for (const step of ['migrate', 'await-completion']) {
        it(`before "${step}" in ${mode}, leaves the guest in one place if it wished for a cancel`, async () => {
          const ram = mode === 'ignore-shared' ? 'file' : 'memfd';
          const own = await bench.walker({ emulator: qemu100, ram });
          const client = new OtherClient(
            ...['migrate', bench.stateFolder, `perform/${step}`, own.name],
            ...[mode, qemu100, 'cancel'],
          );
          await client.says();
          await client.kill();
          const [recovery] = await bench.engine.recoverAll();
          assert.match(String(recovery?.outcome), /^(stayed|moved)$/);
          await own.checkWhereItRuns();
          await own.checkMemory();
        });
      }
    }

    it('has it left to QEMU else', async () => {
      await killInTheMiddle('finish');
      assert.deepEqual(await bench.engine.recoverAll(), []);
      await setBandwidth(fast);
      assert.equal((await bench.engine.recover(walker.name))?.outcome, 'moved');
      await walker.checkWhereItRuns(2);
    });
  });
});
