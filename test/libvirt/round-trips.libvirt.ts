/** One domain goes away from libvirt and back again and again, and nothing of it all is left behind. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Engine } from '../../src/engine/engine';
import { eventually } from '../support/eventually';
import { checkTicks } from '../support/invariant';
import { LibvirtBench } from './support/bench';
import { qemu100, qemu72, room } from './support/room';

const trips = 20;

describe(`${trips} round trips: ${room.name}`, function () {
  this.timeout(300_000);
  const bench = LibvirtBench.forEachTest();

  it('leave the guest going on, its definition as it was, and no descriptor more', async () => {
    const domain = await bench.domain({
      guest: 'linux',
      ram: 'file',
      load: true,
      ...{ vnc: true, channel: true, network: 'user' },
    });
    const definition = await domain.xml('--inactive');
    const engine = await Engine.open(bench.host, bench.path('state'));
    let descriptors: number | undefined;
    for (let trip = 0; trip < trips; trip++) {
      const emulator = trip % 2 === 0 ? qemu100 : qemu72;
      const from = { uri: 'qemu:///system', domain: domain.name };
      await engine.upgrade(from, { mode: 'auto', stay: false, emulator });
      await domain.goesOn();
      // libvirt has what it keeps once it has looked at both emulators.
      if (trip === 1) descriptors = await descriptorsOfLibvirtd();
    }
    await engine.close();
    // It closes a connection a moment after the other side.
    await eventually(async () => (await descriptorsOfLibvirtd()) <= (descriptors ?? 0));
    assert.ok(checkTicks(await domain.output()) > trips);
    assert.equal(await domain.xml('--inactive'), definition);
    await domain.destroy();
    const disk = join(domain.folder, 'disk.img');
    await promisify(execFile)('qemu-img', ['check', disk]);
  });
});

async function descriptorsOfLibvirtd(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'libvirtd') return (await readdir(`/proc/${pid}/fd`)).length;
  }
  throw new Error('there is no libvirtd');
}
