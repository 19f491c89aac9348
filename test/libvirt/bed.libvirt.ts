/** The bed that all tests of libvirt stand on: in each room its libvirt runs real domains, and leaves nothing. */
import assert from 'node:assert/strict';
import { LibvirtBench, libvirtUser } from './support/bench';
import { restartLibvirtd } from './support/daemon';
import { guestAddress } from './support/bridge';
import { qemu100, qemu72, room } from './support/room';
import { command, virsh } from './support/virsh';

describe(`the bed: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();

  it('has the libvirt and the QEMUs that it says', async () => {
    const version = await virsh('version', '--daemon');
    assert.ok(version.includes(`Running against daemon: ${room.libvirt}.`), version);
    assert.match(await command(qemu72, ['--version']), /version 7\.2\./);
    assert.match(await command(qemu100, ['--version']), /version 10\.0\./);
  });

  for (const emulator of room.usable) {
    it(`runs a machine of 7.2 with ${emulator}`, async () => {
      const domain = await bench.domain({ emulator });
      assert.equal(await domain.state(), 'running');
      const { argv, uid } = await domain.process();
      assert.ok(argv.includes(emulator), argv.join(' '));
      assert.equal(uid, libvirtUser);
      await domain.checkMemory();
    });
  }

  it('runs Linux with everything that a domain may have', async () => {
    const domain = await bench.domain({
      guest: 'linux',
      ram: 'file',
      serials: ['file', 'pty', 'unix', 'tcp'],
      ...{ cdrom: true, vnc: true, channel: true, network: 'bridge' },
    });
    await domain.prints(/disk \/dev\/vda\r\n/);
    await command('ping', ['-c', '1', '-W', '5', guestAddress]);
    (await domain.connectSerial(2)).destroy();
    (await domain.connectSerial(3)).destroy();
  });

  for (const ram of ['memfd', 'file', 'anonymous'] as const) {
    it(`runs a domain with RAM: ${ram}`, async () => {
      const domain = await bench.domain({ ram, network: 'user', transient: true });
      await domain.checkMemory();
    });
  }

  it("has domains outlive libvirtd's death", async () => {
    const domain = await bench.domain({ autostart: true });
    const { pid } = await domain.process();
    await restartLibvirtd(bench.host, 'SIGKILL');
    assert.equal(await domain.state(), 'running');
    assert.equal((await domain.process()).pid, pid);
    await domain.goesOn();
  });
});
