/**
 * The fault matrix: a seeded sample of it, or all (`npm run test:faults`). After each fault the guest
 * runs in exactly one place with all of its RAM, where any process that has it is left, and nothing is
 * left over.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import type { Mode } from '../../src/engine/mode';
import type { Recovery } from '../../src/engine/recovery/recover';
import { SidestepError } from '../../src/engine/errors';
import type { Outcome } from '../../src/engine/trace/record';
import { openLocalHost } from '../../src/host/local';
import { eventually } from '../support/eventually';
import { qemu100, qemu72 } from '../support/emulators';
import { checkSteps } from '../support/invariant';
import { connectTo, firstBytes, freePort } from '../support/net';
import { EngineBench, type Migrated, type Walker, type WalkerOptions } from '../support/workbench';
import { FaultyMonitors } from '../support/faulty-host';
import { choose } from './choose';
import { matrix, type Case } from './matrix';
import { run } from './run';
import { migrationSettings } from './settings';

/** Of all faults together, with each test run. */
const { cases, words } = choose(matrix, 56);

const guests: Readonly<Record<Mode, WalkerOptions>> = {
  precopy: { emulator: qemu72, ram: 'file' },
  'ignore-shared': { emulator: qemu72, ram: 'file' },
  'cpr-transfer': { emulator: qemu100, ram: 'memfd' },
  postcopy: { emulator: qemu72, ram: 'memfd' },
};

const lives = new Set<Outcome>(['moved', 'stayed', 'refused']);

describe(`faults, ${words}`, function () {
  this.timeout(120_000);
  const monitors = new FaultyMonitors();
  const bench = EngineBench.forEachTest(async () => Promise.resolve(monitors.on(openLocalHost())));

  for (const each of cases) it(each.id, () => onASmallDisk((disk) => befall(each, disk)));

  async function onASmallDisk(use: (disk: string) => Promise<void>): Promise<void> {
    const disk = bench.path('disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'sidestep-test', disk]);
    try {
      await bench.openState(bench.path('disk', 'state'));
      await use(disk);
    } finally {
      // Whatever has become of the connection that the case had.
      await bench.reconnect();
      for (const { domain } of (await bench.engine.overview()).domains)
        await bench.engine.destroy(domain.uuid);
      await bench.openState(bench.path('state-after'));
      await run('umount', ['-l', disk]);
    }
  }

  async function befall({ mode, point, fault }: Case, smallDisk: string): Promise<void> {
    const image = bench.path('data.qcow2');
    const user = bench.path('user.sock');
    const port = await freePort();
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16M']);
    const walker = await bench.walker({
      ...guests[mode],
      arguments: [
        ...['-qmp', `unix:${user},server=on,wait=off`],
        ...['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${port}-:80`],
        ...['-drive', `file=${image},format=qcow2,if=virtio`],
      ],
    });
    const scene = { bench, walker, mode, point, monitors, smallDisk };
    const files = await readdir(bench.folder);
    const settings = await migrationSettings(scene);

    const migrated = await fault.befall(scene).finally(() => fault.heal?.(scene));
    const outcome =
      fault.cutsUsOff === true
        ? await goneOnWith(walker, migrated)
        : await settled(walker, migrated);

    const { records = [], error } = migrated ?? {};
    const told = `${outcome}: ${error?.message ?? ''}`;
    const left = fault.leaves?.({ mode, point, records, source: walker.first.id }) ?? [...lives];
    assert.ok(left.includes(outcome), told);
    if (fault.told !== undefined && error !== undefined && outcome !== 'undecided')
      assert.match(error.code, fault.told);
    if (lives.has(outcome)) {
      await walker.runsInOnePlace();
      if (fault.mayRunTwice !== true) {
        await walker.checkWhereItRuns();
        await walker.checkMemory();
      }
      await answers({ path: user });
      (await connectTo({ host: '127.0.0.1', port })).destroy();
      await bench.nothingIsUnderWay();
      assert.deepEqual(await readdir(bench.folder), files);
      const isThere = (await walker.instance()).id === walker.first.id;
      assert.equal(isThere, outcome !== 'moved');
      if (isThere) assert.deepEqual(await migrationSettings(scene), settings);
      if (fault.cutsUsOff === true) {
        const again = await walker.migrate({ emulator: qemu100, mode });
        assert.equal(again.error, undefined);
      }
    }
    await bench.engine.destroy(walker.uuid);
    await run('qemu-img', ['check', '-q', image]);
  }

  /** What is left undecided under the fault is decided without it, or cannot be. */
  async function settled(walker: Walker, migrated: Migrated | undefined): Promise<Outcome> {
    assert.ok(migrated !== undefined);
    if (migrated.outcome !== 'undecided') return migrated.outcome;
    return (await recover(walker))?.outcome ?? 'undecided';
  }

  /** QEMU needs nobody to bring the guest to one place, and the next client finishes the rest. */
  async function goneOnWith(walker: Walker, migrated: Migrated | undefined): Promise<Outcome> {
    await walker.runsInOnePlace();
    await walker.goesOn();
    checkSteps(await walker.output());
    const { journals } = await bench.engine.state.read();
    if (!journals.has(walker.uuid)) return migrated?.outcome ?? 'refused';
    // The helper at the end of a connection that was cut takes a moment to notice.
    await eventually(async () => !(await bench.engine.state.isClaimed(walker.uuid)));
    assert.equal((await walker.attempt()).error?.code, 'RECOVERY_NEEDED');
    const recovery = await recover(walker);
    if (recovery === undefined) return 'undecided';
    assert.deepEqual(
      recovery.takenBack.filter(({ error }) => error !== undefined),
      [],
    );
    const records = await bench.readTrace(recovery.tracePath);
    assert.equal(records.at(-1)?.type, 'verdict');
    return recovery.outcome;
  }

  /** @returns undefined where it cannot be told safely */
  async function recover({ uuid }: Walker): Promise<Recovery | undefined> {
    try {
      return await bench.engine.recover(uuid);
    } catch (error) {
      if (error instanceof SidestepError && error.code === 'RECOVERY_UNDECIDED') return undefined;
      throw error;
    }
  }
});

async function answers(where: Parameters<typeof connectTo>[0]): Promise<void> {
  const socket = await connectTo(where);
  assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
  socket.destroy();
}
