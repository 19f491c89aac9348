import assert from 'node:assert/strict';
import { qemu100, qemu72 } from '../support/emulators';
import { EngineBench } from '../support/workbench';

const emulators = { 7.2: qemu72, '10.0': qemu100 };

describe('a migration on real QEMU', () => {
  const bench = EngineBench.forEachTest();

  for (const [mode, from, to, machine] of [
    ['precopy', '7.2', '7.2', 'q35'],
    ['precopy', '7.2', '10.0', 'q35'],
    ['precopy', '7.2', '10.0', 'pc'],
    ['precopy', '10.0', '10.0', 'q35'],
    ['precopy', '10.0', '7.2', 'pc-q35-7.2'],
    ['ignore-shared', '7.2', '7.2', 'q35'],
    ['ignore-shared', '7.2', '10.0', 'q35'],
    ['ignore-shared', '10.0', '10.0', 'q35'],
    ['cpr-transfer', '10.0', '10.0', 'q35'],
  ] as const) {
    it(`${mode} takes the guest from ${from} to ${to} (${machine})`, async () => {
      const walker = await bench.walker({ emulator: emulators[from], machine });
      const { report, error } = await walker.migrate({ mode, emulator: emulators[to] });
      assert.equal(error, undefined);
      console.log(report?.summary.totalUs, report?.summary.downtimeUs);
      await walker.checkMemory();
      await walker.checkWhereItRuns();
    });
  }
});
