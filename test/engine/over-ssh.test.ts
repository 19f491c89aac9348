/** The engine on a host behind SSH: this machine, by way of a real sshd. */
import assert from 'node:assert/strict';
import { openSshHost } from '../../src/host/ssh';
import { qemu100, qemu72 } from '../support/emulators';
import { checkSteps } from '../support/invariant';
import { connectToSshd } from '../support/connect-sshd';
import { stepsOf } from '../support/steps';
import { startSshd, type Sshd } from '../support/sshd';
import { EngineBench, type Walker } from '../support/workbench';

describe('an engine on a host behind SSH', () => {
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());
  const bench = EngineBench.forEachTest(async () => openSshHost(await connectToSshd(sshd)));

  for (const [mode, emulator] of [
    ['ignore-shared', qemu72],
    ['precopy', qemu72],
    ['cpr-transfer', qemu100],
  ] as const) {
    it(`moves a guest by ${mode}, with all of its RAM`, async () => {
      const walker = await bench.walker({ emulator });
      const { report, error, records } = await walker.migrate({ mode, emulator: qemu100 });
      assert.equal(error, undefined);
      await walker.checkMemory();
      assert.deepEqual(await bench.readTrace(report?.tracePath ?? ''), records);
      // QEMU's clock and ours are one.
      const times = records.map(({ at }) => at);
      assert.ok(Math.max(...times) - Math.min(...times) < 60e6);
    });
  }

  it('cancels a migration, and the guest stays', async () => {
    const walker = await bench.walker({ ram: 'memfd' });
    const cancel = new AbortController();
    const { outcome, error } = await walker.migrate({
      mode: 'precopy',
      emulator: qemu100,
      options: {
        signal: cancel.signal,
        onRecord: (record) => {
          if (record.type === 'step' && record.step === 'migrate') cancel.abort();
        },
      },
    });
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'CANCELLED');
  });

  // Nothing is begun before.
  const stepsOfShared = stepsOf('ignore-shared').filter(({ step }) => step !== 'claim-domain');
  for (const [mode, step] of [
    ['precopy', 'connect-target'],
    ['precopy', 'await-completion'],
    ...stepsOfShared.map(({ step }) => ['ignore-shared', step] as const),
  ] as const) {
    it(`that is lost at ${step} leaves the guest running in one place: ${mode}`, async () => {
      const walker = await bench.walker({
        emulator: qemu72,
        arguments: ['-qmp', `unix:${bench.path('user.sock')},server=on,wait=off`],
      });
      const { outcome, error } = await lostAt(walker, mode, step);
      // At the end all may have been done but to let go of the domain.
      const isDone = outcome === 'moved' && ['clear-source', 'take-back'].includes(step);
      if (!isDone) {
        assert.equal(outcome, 'undecided');
        assert.equal(error?.code, 'DISCONNECTED');
      }

      await bench.reconnect();
      await walker.runsInOnePlace();
      await walker.goesOn();
      checkSteps(await walker.output());
      const again = await walker.attempt();
      assert.equal(again.error?.code, 'RECOVERY_NEEDED');
      const recovery = await bench.engine.recover(walker.name);
      const isSent = afterMigrate.has(step);
      assert.equal(recovery?.outcome, isSent ? 'moved' : 'stayed');
      await walker.checkWhereItRuns();
      await walker.checkMemory();
    });
  }

  /** Steps at which QEMU alone brings the guest to the target. */
  const afterMigrate = new Set([
    ...['await-completion', 'await-target', 'quit-source'],
    ...['move-tables', 'clear-source', 'take-back'],
  ]);

  function lostAt(walker: Walker, mode: 'precopy' | 'ignore-shared', step: string) {
    return walker.attempt({
      mode,
      emulator: qemu100,
      runsOn: false,
      options: {
        beforeStep: async (_, name) => {
          if (name === step) await sshd.dropSessions();
        },
      },
    });
  }
});
