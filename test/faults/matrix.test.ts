/**
 * The fault matrix: a seeded sample of it, or all (`npm run test:faults`). After each fault the guest
 * runs in exactly one place with all of its RAM, and nothing is left over.
 */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import type { Mode } from '../../src/engine/mode';
import { openLocalHost } from '../../src/host/local';
import { qemu100, qemu72 } from '../support/emulators';
import { EngineBench, type WalkerOptions } from '../support/workbench';
import { run } from './faults';
import { FaultyMonitors } from './faulty-host';
import { matrix, sample, type Case } from './matrix';

const { SIDESTEP_FAULTS: wanted = '16', SIDESTEP_SEED: seed = String(Date.now() % 100_000) } =
  process.env;
const cases = wanted === 'all' ? matrix : sample(Number(seed), Number(wanted));

const guests: Readonly<Record<Mode, WalkerOptions>> = {
  precopy: { emulator: qemu72, ram: 'memfd' },
  'ignore-shared': { emulator: qemu72, ram: 'file' },
  'cpr-transfer': { emulator: qemu100, ram: 'memfd' },
  postcopy: { emulator: qemu72, ram: 'memfd' },
};

describe(`faults, ${cases.length} of ${matrix.length} (seed ${seed})`, function () {
  this.timeout(120_000);
  const monitors = new FaultyMonitors();
  const bench = EngineBench.forEachTest(async () => Promise.resolve(monitors.on(openLocalHost())));

  for (const each of cases) it(each.id, () => onASmallDisk((disk) => migrateWith(each, disk)));

  async function onASmallDisk(use: (disk: string) => Promise<void>): Promise<void> {
    const disk = bench.path('disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'sidestep-test', disk]);
    try {
      await bench.openState(bench.path('disk', 'state'));
      await use(disk);
    } finally {
      for (const { domain } of (await bench.engine.overview()).domains)
        await bench.engine.destroy(domain.uuid);
      await bench.openState(bench.path('state-after'));
      await run('umount', ['-l', disk]);
    }
  }

  async function migrateWith({ mode, phase, step, fault }: Case, smallDisk: string): Promise<void> {
    const walker = await bench.walker({
      ...guests[mode],
      arguments: ['-qmp', `unix:${bench.path('user.sock')},server=on,wait=off`],
    });
    const victim = { bench, walker, monitors, smallDisk };
    let hasStruck = false;
    const { outcome, error } = await walker.attempt({
      mode,
      emulator: qemu100,
      // A QEMU that stands still may do so within the switchover.
      switchoverMs: 10_000,
      options: {
        beforeStep: async (...now) => {
          if (hasStruck || now[0] !== phase || now[1] !== step) return;
          hasStruck = true;
          await fault.strike(victim);
        },
      },
    });
    await fault.heal(victim);
    assert.ok(
      ['moved', 'stayed', 'refused'].includes(outcome) || (await isRecovered(walker.uuid)),
      `${outcome}: ${error?.message ?? ''}`,
    );
    await walker.checkWhereItRuns();
    await walker.checkMemory();
  }

  /** What was left undecided under the fault is decided without it. */
  async function isRecovered(uuid: string): Promise<boolean> {
    const recovery = await bench.engine.recover(uuid);
    return recovery !== undefined && recovery.outcome !== 'lost';
  }
});
