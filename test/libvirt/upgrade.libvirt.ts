/** A running domain of libvirt's gets another QEMU, and stays libvirt's. */
import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine';
import type { UpgradeRequest } from '../../src/engine/libvirt/upgrade';
import { LibvirtBench } from './support/bench';
import type { LibvirtDomain } from './support/domain';
import { qemu72, room } from './support/room';
import { virsh } from './support/virsh';

const uri = 'qemu:///system';

describe(`a live upgrade: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();

  async function upgrade(domain: LibvirtDomain, request: Partial<UpgradeRequest> = {}) {
    const engine = await Engine.open(bench.host, bench.path('state'));
    try {
      const from = { uri, domain: domain.name };
      return await engine.upgrade(from, { mode: 'auto', stay: false, ...request });
    } finally {
      await engine.close();
    }
  }

  for (const emulator of room.usable) {
    for (const [ram, mode] of [
      ['file', 'ignore-shared'],
      ['memfd', 'precopy'],
      ['anonymous', 'precopy'],
    ] as const) {
      it(`takes a domain with its RAM in ${ram} to ${emulator}, with all of it`, async () => {
        const domain = await bench.domain({ emulator: qemu72, ram });
        const definition = await domain.xml('--inactive');
        const { pid } = await domain.process();
        const { away, back } = await upgrade(domain, { emulator });
        assert.ok(back !== undefined);
        assert.equal(await domain.state(), 'running');
        const process = await domain.process();
        assert.notEqual(process.pid, pid);
        assert.ok(process.argv.includes(emulator), process.argv.join(' '));
        await domain.checkMemory();
        assert.equal(await domain.xml('--inactive'), definition);
        assert.equal(away.source.process.pid, pid);
        assert.ok(mode.length > 0);
      });
    }
  }

  it('keeps a paused domain paused, and a transient one transient', async () => {
    const domain = await bench.domain({ transient: true, ram: 'file' });
    await virsh('suspend', domain.name);
    await upgrade(domain);
    assert.equal(await domain.state(), 'paused');
    await virsh('resume', domain.name);
    await domain.checkMemory();
  });
});
