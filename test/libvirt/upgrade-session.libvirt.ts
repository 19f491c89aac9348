/** A domain of an ordinary user's own libvirt gets another QEMU, by that user. */
import assert from 'node:assert/strict';
import type { LibvirtDomain } from './support/domain';
import { qemu100, qemu72, room } from './support/room';
import { UserLibvirt } from './support/user-libvirt';

describe(`a live upgrade in a user's own libvirt: ${room.name}`, () => {
  const libvirt = UserLibvirt.forEachTest();

  const migrate = (domain: LibvirtDomain, ...options: readonly string[]) =>
    libvirt.run(
      ...libvirt.sidestep('migrate', '--live', '--local', '--connect', 'qemu:///session'),
      ...[domain.name, '--emulator', qemu100, ...options],
    );

  async function isOnNewQemu(domain: LibvirtDomain): Promise<void> {
    assert.equal(await domain.state(), 'running');
    assert.ok((await domain.process()).argv.includes(qemu100));
    await domain.goesOn();
    await domain.checkSteps();
    await domain.checkMemory();
    assert.deepEqual(await libvirt.leftovers(), []);
  }

  for (const ram of ['file', 'anonymous'] as const) {
    it(`takes a domain with its RAM in ${ram} to another QEMU, and it stays libvirt’s`, async () => {
      const domain = await libvirt.domain({
        ...{ emulator: qemu72, ram, network: 'user', channel: true, vnc: true },
        serials: ['file', 'unix'],
      });
      const definition = await domain.xml('--inactive');
      await migrate(domain);
      await isOnNewQemu(domain);
      assert.equal(await domain.xml('--inactive'), definition);
    });
  }

  it('hands back a domain that was to stay', async () => {
    const domain = await libvirt.domain({ emulator: qemu72, ram: 'file', network: 'user' });
    await migrate(domain, '--stay');
    assert.equal(await domain.state(), 'shut off');
    await domain.goesOn();
    await libvirt.run(...libvirt.sidestep('handback', domain.name));
    await isOnNewQemu(domain);
  });
});
