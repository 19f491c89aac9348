/** What libvirt's domains hold on the host, and how libvirt tells them apart. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Engine } from '../../src/engine/engine';
import type { InstanceHoldings } from '../../src/engine/inventory/holdings';
import { LibvirtBench } from './support/bench';
import { room } from './support/room';
import { virsh } from './support/virsh';

describe(`the paths of libvirt's domains: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();
  let engine: Engine;
  beforeEach(async () => {
    engine = await Engine.open(bench.host, bench.path('state'));
  });
  afterEach(() => engine.close());

  const read = async (name: string): Promise<InstanceHoldings> => {
    const [held, ...others] = (await engine.holdings(name)).instances;
    assert.ok(held !== undefined && others.length === 0);
    return held;
  };

  it('tells those named by the instance’s id from those named by the domain alone', async () => {
    const domain = await bench.domain({
      name: 'a "name" of more than twenty characters',
      ...{ ram: 'file', nvram: true, channel: true, vnc: true, serials: ['file', 'unix'] },
    });
    const id = Number(await virsh('domid', domain.name));
    const held = await read(domain.name);
    assert.equal(held.id, id);
    const by = (namedBy: string) =>
      held.resources.filter((resource) => resource.namedBy === namedBy);

    const { name } = domain;
    const short = `${id}-${name.slice(0, 20)}`;
    assert.equal(held.folder, `/var/lib/libvirt/qemu/domain-${short}`);
    const channel =
      room.libvirt === '9.0'
        ? `/var/lib/libvirt/qemu/channel/target/domain-${short}`
        : `/run/libvirt/qemu/channel/${short}`;
    assert.deepEqual(
      by('id').map(({ kind, address, action }) => [kind, address, action]),
      [
        ['monitor', `${held.folder}/monitor.sock`, 'unique'],
        ['secret', `${held.folder}/master-key.aes`, 'unique'],
        ['ram', `/dev/shm/libvirt/qemu/${short}/pc.ram`, 'share'],
        ['chardev', `${channel}/org.qemu.guest_agent.0`, 'unique'],
      ],
    );
    assert.deepEqual(
      by('name').map(({ kind, address }) => [kind, address]),
      [
        ['other', `/run/libvirt/qemu/${name}.xml`],
        ['pidfile', `/run/libvirt/qemu/${name.replaceAll('"', '&quot;')}.pid`],
        ['log', `/var/log/libvirt/qemu/${name}.log`],
        ['other', `/etc/libvirt/qemu/${name}.xml`],
        ['firmware', `/var/lib/libvirt/qemu/nvram/${name}_VARS.fd`],
      ],
    );
    for (const { address } of [...by('id'), ...by('name')]) assert.ok(existsSync(address), address);

    // What the domain's owner has chosen is as with any other QEMU.
    const image = `${domain.folder}/disk.img`;
    const disk = held.resources.find(({ address }) => address === image);
    assert.deepEqual([disk?.kind, disk?.action, disk?.namedBy], ['disk', 'share', undefined]);
  });

  it('has none of a domain that does not run', async () => {
    const domain = await bench.define();
    assert.deepEqual((await engine.holdings(domain.name)).instances, []);
  });
});
