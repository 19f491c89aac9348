/** Domains with a desktop, as virt-manager makes them: their displays go where their guest goes. */
import assert from 'node:assert/strict';
import * as v from 'valibot';
import { connectTo, firstBytes } from '../support/net';
import { greetSpice } from '../support/spice';
import type { LibvirtDomain } from './support/domain';
import { qemu100, room } from './support/room';
import { Upgrades } from './support/upgrades';

const spice = (listen: string) =>
  [
    `<graphics type='spice' passwd='once' ${listen}</graphics>`,
    "<video><model type='qxl'/></video>",
    "<audio id='1' type='spice'/><sound model='ich9'/>",
    "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>",
    "<input type='tablet' bus='usb'/>",
    "<redirdev bus='usb' type='spicevmc'/><redirdev bus='usb' type='spicevmc'/>",
  ].join('\n');

const socketOf = (xml: string) => ({
  path: /<listen type='socket' socket='([^']+)'/.exec(xml)?.[1] ?? '',
});
const portOf = (xml: string) => ({
  host: '127.0.0.1',
  port: Number(/<graphics type='\w+' port='(\d+)'/.exec(xml)?.[1]),
});

describe(`a desktop: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();

  async function spiceAnswers(endpoint: Parameters<typeof connectTo>[0]): Promise<void> {
    const socket = await connectTo(endpoint);
    await greetSpice(socket);
    socket.destroy();
  }

  async function asksForPassword(domain: LibvirtDomain): Promise<void> {
    const { auth } = v.parse(v.object({ auth: v.string() }), await domain.qmp('query-spice'));
    assert.equal(auth, 'spice');
  }

  it('with SPICE at a port has it there again', async () => {
    const devices = spice("autoport='yes'>");
    const domain = await upgrades.bench.domain({ ram: 'file', devices });
    const before = portOf(await domain.xml());
    await spiceAnswers(before);
    const { error, records } = await upgrades.upgrade(domain, { emulator: qemu100 });
    assert.equal(error, undefined);
    const [plan] = records.filter((record) => record.type === 'plan');
    assert.deepEqual(
      plan?.warnings.map(({ code }) => code),
      ['USB_REDIRECTION_ENDS'],
    );
    assert.deepEqual(portOf(await domain.xml()), before);
    await spiceAnswers(before);
    await asksForPassword(domain);
    await upgrades.isLibvirts(domain);
  });

  it('with SPICE at a socket of libvirt’s has one there again', async () => {
    const devices = spice("><listen type='socket'/>");
    const domain = await upgrades.bench.domain({ ram: 'file', devices });
    await spiceAnswers(socketOf(await domain.xml()));
    const { error } = await upgrades.upgrade(domain, { emulator: qemu100 });
    assert.equal(error, undefined);
    await spiceAnswers(socketOf(await domain.xml()));
    await asksForPassword(domain);
    await upgrades.isLibvirts(domain);
  });

  it('with VNC at a socket of libvirt’s has one there again', async () => {
    const devices = "<graphics type='vnc'><listen type='socket'/></graphics>";
    const domain = await upgrades.bench.domain({ ram: 'file', devices });
    const answers = async () => {
      const socket = await connectTo(socketOf(await domain.xml()));
      assert.match(await firstBytes(socket, 4), /^RFB /);
      socket.destroy();
    };
    await answers();
    const { error } = await upgrades.upgrade(domain, { emulator: qemu100 });
    assert.equal(error, undefined);
    await answers();
    await upgrades.isLibvirts(domain);
  });

  it('with all that virt-install adds by itself goes along', async () => {
    const ports = Array.from(
      { length: 8 },
      (_, index) => `<controller type='pci' index='${index + 1}' model='pcie-root-port'/>`,
    );
    const devices = [
      ...ports,
      "<controller type='usb' model='qemu-xhci' ports='15'/>",
      "<controller type='virtio-serial'/>",
      "<console type='pty'><target type='virtio'/></console>",
      "<graphics type='spice' autoport='yes'><listen type='address'/><image compression='off'/></graphics>",
      "<video><model type='virtio' heads='1' primary='yes'/></video>",
      "<sound model='ich9'/><audio id='1' type='spice'/>",
      "<watchdog model='i6300esb' action='reset'/>",
      "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
      "<channel type='spiceport'><source channel='org.spice-space.webdav.0'/>",
      "<target type='virtio' name='org.spice-space.webdav.0'/></channel>",
    ].join('\n');
    const domain = await upgrades.bench.domain({
      ...{ ram: 'file', nvram: true, cdrom: true, channel: true, network: 'user', devices },
    });
    const { error } = await upgrades.upgrade(domain, { emulator: qemu100 });
    assert.equal(error, undefined);
    await spiceAnswers(portOf(await domain.xml()));
    await upgrades.isLibvirts(domain);
  });

  it('that stays with Sidestep has SPICE on a socket there, and at its port once it is libvirt’s again', async () => {
    const devices = spice("autoport='yes'>");
    const domain = await upgrades.bench.domain({ ram: 'file', devices });
    const before = portOf(await domain.xml());
    const { error, records } = await upgrades.upgrade(domain, { emulator: qemu100, stay: true });
    assert.equal(error, undefined);
    const [plan] = records.filter((record) => record.type === 'plan');
    const told = plan?.warnings.find(({ code }) => code === 'SPICE_ADDRESS_MOVES')?.message ?? '';
    await spiceAnswers({ path: /is at the unix socket (\S+) from/.exec(told)?.[1] ?? '' });
    const back = await upgrades.handBack(domain);
    assert.equal(back.error, undefined);
    await spiceAnswers(before);
    await asksForPassword(domain);
    await upgrades.isLibvirts(domain);
  });
});
