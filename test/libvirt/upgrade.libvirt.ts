/** A running domain of libvirt's gets another QEMU, and stays libvirt's. */
import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine';
import type { UpgradeRequest } from '../../src/engine/libvirt/upgrade';
import { checkTicks } from '../support/invariant';
import { LibvirtBench } from './support/bench';
import { guestAddress } from './support/bridge';
import { startPing } from './support/ping';
import type { LibvirtDomain } from './support/domain';
import { qemu100, qemu72, room } from './support/room';
import { virsh } from './support/virsh';

const uri = 'qemu:///system';

describe(`a live upgrade: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();

  async function upgrade(domain: LibvirtDomain, request: Partial<UpgradeRequest> = {}) {
    const engine = await Engine.open(bench.host, bench.path('state'));
    const modes: string[] = [];
    try {
      const from = { uri, domain: domain.name };
      const report = await engine.upgrade(
        from,
        { mode: 'auto', stay: false, ...request },
        {
          onRecord(record) {
            if (record.type === 'plan') modes.push(record.mode);
          },
        },
      );
      return { ...report, modes };
    } finally {
      await engine.close();
    }
  }

  for (const emulator of [qemu72, qemu100]) {
    for (const [ram, mode] of [
      ['file', 'ignore-shared'],
      ['memfd', 'precopy'],
      ['anonymous', 'precopy'],
    ] as const) {
      it(`takes a domain with its RAM in ${ram} to ${emulator}, with all of it`, async () => {
        const domain = await bench.domain({ emulator: qemu72, ram });
        const definition = await domain.xml('--inactive');
        const { pid } = await domain.process();
        const { away, back, modes } = await upgrade(domain, { emulator });
        assert.ok(back !== undefined);
        assert.equal(await domain.state(), 'running');
        const process = await domain.process();
        assert.notEqual(process.pid, pid);
        assert.ok(process.argv.includes(emulator), process.argv.join(' '));
        await domain.checkMemory();
        assert.equal(await domain.xml('--inactive'), definition);
        assert.equal(away.source.process.pid, pid);
        assert.equal(modes[0], mode);
      });
    }
  }

  it('takes Linux with everything that a domain may have, and it answers all the while', async () => {
    const emulator = qemu100;
    const domain = await bench.domain({
      guest: 'linux',
      ram: 'file',
      serials: ['file', 'pty', 'unix', 'tcp'],
      load: true,
      ...{ nvram: true, cdrom: true, vnc: true, channel: true, network: 'bridge' },
      autostart: true,
    });
    const [definition, live] = await Promise.all([domain.xml('--inactive'), domain.xml()]);
    const ping = await startPing(guestAddress);
    await domain.prints(/^tick 5 /m);
    await upgrade(domain, { emulator });
    await domain.goesOn();
    const { sent, received } = await ping.end();
    assert.ok(sent - received <= 2, `${sent} pings sent, ${received} answered`);
    checkTicks(await domain.output());
    assert.equal(await domain.xml('--inactive'), definition);
    assert.match(await virsh('dominfo', domain.name), /^Autostart: +enable$/m);
    assert.equal(vncPort(await domain.xml()), vncPort(live));
  });

  it('redefines the emulator of a persistent domain, and nothing else, if that is wished', async () => {
    const emulator = qemu100;
    const domain = await bench.domain({ emulator: qemu72, ram: 'file', autostart: true });
    const definition = await domain.xml('--inactive');
    await upgrade(domain, { emulator, redefine: true });
    assert.equal(await domain.xml('--inactive'), definition.replace(qemu72, emulator));
    assert.match(await virsh('dominfo', domain.name), /^Autostart: +enable$/m);
  });

  it('keeps a paused domain paused, and a transient one transient', async () => {
    const domain = await bench.domain({ transient: true, ram: 'file' });
    await virsh('suspend', domain.name);
    await upgrade(domain);
    assert.equal(await domain.state(), 'paused');
    await virsh('resume', domain.name);
    await domain.checkMemory();
  });
});

function vncPort(xml: string): string | undefined {
  return /<graphics type='vnc' port='(\d+)'/.exec(xml)?.[1];
}
