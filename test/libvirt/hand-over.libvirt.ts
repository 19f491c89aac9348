/** A domain that libvirt has never had becomes libvirt's, by the XML that describes it. */
import assert from 'node:assert/strict';
import { withoutLibvirt } from '../support/native-command';
import { qemu72, room } from './support/room';
import { Upgrades, uri } from './support/upgrades';
import { virsh } from './support/virsh';
import type { LibvirtDomain } from './support/domain';

describe(`a domain that was started by Sidestep: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();

  /** Its QEMU has the devices of a definition; libvirt has it as shut off. */
  async function started(): Promise<{ domain: LibvirtDomain; xml: string }> {
    const domain = await upgrades.bench.define({ ram: 'file', serials: ['file', 'unix'] });
    const { name } = domain;
    const native = await virsh('domxml-to-native', 'qemu-argv', '--domain', name);
    await upgrades.engine.start({
      ...{ name, emulator: qemu72, cwd: '/' },
      arguments: withoutLibvirt(native),
    });
    await domain.goesOn();
    return { domain, xml: await domain.xml('--security-info') };
  }

  it('is handed over while its guest runs', async () => {
    const { domain, xml } = await started();
    await upgrades.runsInEngine(domain);
    const { error, outcome } = await upgrades.handBack(domain, {}, { uri, xml });
    assert.equal(error, undefined);
    assert.equal(outcome, 'moved');
    await upgrades.isLibvirts(domain);
  });

  it('becomes a transient one where libvirt has no definition of it', async () => {
    const { domain, xml } = await started();
    await virsh('undefine', domain.name);
    const { error } = await upgrades.handBack(domain, {}, { uri, xml });
    assert.equal(error, undefined);
    await upgrades.isLibvirts(domain);
    assert.match(await virsh('dominfo', domain.name), /^Persistent: +no$/m);
  });

  it('is not handed over without its XML, nor by that of another, nor by one with other devices', async () => {
    const { domain, xml } = await started();
    for (const [wish, code] of [
      [{ uri }, 'NOT_LIBVIRTS'],
      [{ uri, xml: xml.replace(/<uuid>.{8}/, '<uuid>00000000') }, 'ANOTHER_DOMAIN'],
      [{ uri, xml: xml.replace(/<serial type='unix'>[^]*?<\/serial>/, '') }, 'RESTORE_FAILED'],
    ] as const) {
      const { error, outcome } = await upgrades.handBack(domain, {}, wish);
      assert.equal(error?.code, code);
      assert.notEqual(outcome, 'moved');
      await upgrades.runsInEngine(domain);
    }
  });
});
