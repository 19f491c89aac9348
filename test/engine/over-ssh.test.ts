/** The engine on a host behind SSH: this machine, by way of a real sshd. */
import assert from 'node:assert/strict';
import { openSshHost } from '../../src/host/ssh';
import { qemu100, qemu72 } from '../support/emulators';
import { connectToSshd } from '../support/connect-sshd';
import { startSshd, type Sshd } from '../support/sshd';
import { EngineBench } from '../support/workbench';

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
});
