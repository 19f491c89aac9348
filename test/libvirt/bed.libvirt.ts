/** The bed that all tests of libvirt stand on: in each room its libvirt runs real domains, and leaves nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { checkTicks } from '../support/invariant';
import { firstBytes } from '../support/net';
import { LibvirtBench, libvirtUser } from './support/bench';
import { restartLibvirtd } from './support/daemon';
import { guestAddress } from './support/bridge';
import { assertNothingLeft, listBelongings } from './support/leftovers';
import { startPing } from './support/ping';
import { qemu100, qemu72, room } from './support/room';
import { command, virsh, virtAdmin } from './support/virsh';

describe(`the bed: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();

  it('has the libvirt and the QEMUs that it says', async () => {
    const version = await virsh('version', '--daemon');
    assert.ok(version.includes(`Running against daemon: ${room.libvirt}.`), version);
    assert.match(await command(qemu72, ['--version']), /version 7\.2\./);
    assert.match(await command(qemu100, ['--version']), /version 10\.0\./);
  });

  for (const emulator of [qemu72, qemu100]) {
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
      load: true,
      ...{ nvram: true, cdrom: true, vnc: true, channel: true, network: 'bridge' },
    });
    const ping = await startPing(guestAddress);
    await domain.prints(/^tick 21 /m);
    const { sent, received } = await ping.end();
    assert.ok(sent - received <= 1, `${sent} pings sent, ${received} answered`);
    assert.ok(checkTicks(await domain.output()) >= 20);
  });

  for (const ram of ['memfd', 'file', 'anonymous'] as const) {
    it(`runs a domain with RAM: ${ram}`, async () => {
      const domain = await bench.domain({ ram, network: 'user', transient: true });
      await domain.checkMemory();
    });
  }

  for (const kind of ['pty', 'unix', 'tcp'] as const) {
    it(`has a guest print to a serial port: ${kind}`, async () => {
      const domain = await bench.domain({ serials: [kind] });
      const serial = await domain.openSerial();
      assert.match(await firstBytes(serial, 9), /^[0-9A-F\r\n]+$/);
      serial.destroy();
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

  it('sees what is left behind', async () => {
    const before = await listBelongings();
    const fifo = '/run/libvirt/qemu/left';
    await command('mkfifo', [fifo]);
    await assert.rejects(assertNothingLeft(before), /files are left/);
    await rm(fifo);
    const process = spawn('sleep', ['60']);
    await assert.rejects(assertNothingLeft(before), /processes are left/);
    process.kill();
    await once(process, 'exit');
    await virtAdmin('daemon-log-filters', '1:qemu.qemu_monitor');
    await assert.rejects(assertNothingLeft(before), /qemu_monitor/);
    await virtAdmin('daemon-log-filters', '');
    await assertNothingLeft(before);
  });
});
