/** Disks that are root's while their domain does not run, as most are: libvirt gives them, and takes them back. */
import assert from 'node:assert/strict';
import { chmod, chown, link, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asSidestepError } from '../../src/engine/errors';
import type { LibvirtDomain } from './support/domain';
import { addBlockDevice, removeBlockDevice } from './support/block-device';
import { files } from './support/definition';
import { qemu100, room } from './support/room';
import { Upgrades } from './support/upgrades';
import { virsh } from './support/virsh';

describe(`disks of root’s: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  const diskOf = ({ folder }: LibvirtDomain) => join(folder, files.disk);

  async function makeRoots(domain: LibvirtDomain, mode: number): Promise<void> {
    await chown(diskOf(domain), 0, 0);
    await chmod(diskOf(domain), mode);
  }

  async function away(mode: number): Promise<LibvirtDomain> {
    const domain = await upgrades.bench.define({ ram: 'file', serials: ['file', 'tcp'] });
    await makeRoots(domain, mode);
    await virsh('start', domain.name);
    await domain.goesOn();
    const { error } = await upgrades.upgrade(domain, { stay: true });
    assert.equal(error, undefined);
    return domain;
  }

  for (const mode of [0o600, 0o644]) {
    it(`of mode ${mode.toString(8)} go on with a domain that stays with Sidestep, and back with it`, async () => {
      const domain = await away(mode);
      const { target } = await upgrades.engine.migrate({
        ...{ domain: domain.name, mode: 'auto', emulator: qemu100 },
      });
      assert.match(target.version, /^10\./);
      await upgrades.runsInEngine(domain);
      const { error } = await upgrades.handBack(domain);
      assert.equal(error, undefined);
      await upgrades.isLibvirts(domain);
      await virsh('destroy', domain.name);
      assert.equal((await stat(diskOf(domain))).mode & 0o777, mode);
      await virsh('start', domain.name);
      await domain.goesOn();
    });
  }

  describe('that are block devices', () => {
    // libvirt gives them to QEMU's user in the /dev that it makes for its QEMU, and in no other.
    const start = () => upgrades.bench.domain({ ram: 'file', disk: 'block' });

    it('come along, and back', async () => {
      const domain = await start();
      const { error } = await upgrades.upgrade(domain, { emulator: qemu100 });
      assert.equal(error, undefined);
      await upgrades.isLibvirts(domain);
    });

    it('go on with a domain that stays with Sidestep, and back with it', async () => {
      const domain = await start();
      const away = await upgrades.upgrade(domain, { stay: true });
      assert.equal(away.error, undefined);
      await upgrades.engine.migrate({ domain: domain.name, mode: 'auto', emulator: qemu100 });
      await upgrades.runsInEngine(domain);
      const back = await upgrades.handBack(domain);
      assert.equal(back.error, undefined);
      await upgrades.isLibvirts(domain);
    });

    it('are no other device’s', async () => {
      const domain = await start();
      const device = /<source dev='([^']+)'/.exec(await domain.xml())?.[1] ?? '';
      const [kept, other] = [`${device}.kept`, await addBlockDevice(diskOf(domain))];
      try {
        await rename(device, kept);
        await link(other, device);
        const { error } = await upgrades.upgrade(domain, { emulator: qemu100 });
        assert.match(error?.message ?? '', /DISK_REPLACED/);
      } finally {
        await rename(kept, device);
        await removeBlockDevice(other);
      }
      await domain.goesOn();
    });
  });

  it('that a libvirt takes back late can be opened by the next QEMU', async () => {
    const domain = await away(0o644);
    await makeRoots(domain, 0o644);
    await upgrades.engine.migrate({ domain: domain.name, mode: 'auto', emulator: qemu100 });
    await upgrades.runsInEngine(domain);
  });

  it('that a libvirt takes back on the way can be opened by the QEMU that stays', async () => {
    const domain = await away(0o644);
    const failure = await upgrades.engine
      .migrate(
        { domain: domain.name, mode: 'auto', emulator: qemu100 },
        { beforeStep: (_, step) => (step === 'migrate' ? makeRoots(domain, 0o644) : undefined) },
      )
      .then(() => undefined, asSidestepError);
    assert.equal(failure?.details.outcome, 'stayed');
    assert.match(failure.message, /disk\.img.*Permission denied/);
    await upgrades.runsInEngine(domain);
  });
});
