/** What a live upgrade of a libvirt domain would do is told, and nothing is changed by telling it. */
import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { Engine } from '../../src/engine/engine';
import { describePlan } from '../../src/engine/plan/describe';
import { writeScript } from '../support/wrapper';
import { LibvirtBench } from './support/bench';
import type { LibvirtDomain } from './support/domain';
import { qemu72, room } from './support/room';
import { virsh } from './support/virsh';

const uri = 'qemu:///system';

describe(`the plan of a live upgrade: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();

  async function plan(domain: LibvirtDomain, stay = false, emulator = qemu72) {
    const engine = await Engine.open(bench.host, bench.path('state'));
    try {
      const from = { uri, domain: domain.name };
      const plan = await engine.planUpgrade(from, { mode: 'auto', stay, emulator });
      const { tables } = await engine.state.read();
      assert.deepEqual(tables.domains, []);
      return plan;
    } finally {
      await engine.close();
    }
  }

  it('names the mode, and what becomes of all that the domain has', async () => {
    const domain = await bench.domain({
      ...{ ram: 'file', serials: ['file', 'unix'], nvram: true, cdrom: true, vnc: true },
      ...{ channel: true, network: 'bridge' },
    });
    const before = await domain.process();
    const told = await plan(domain);
    assert.deepEqual(told.blockers, []);
    assert.equal(told.mode, 'ignore-shared');
    const text = describePlan(told);
    for (const row of [/share +-blockdev +\S+disk\.img/, /take-back +-vnc /, /unique .*tap/]) {
      assert.match(text, row);
    }
    const { pid, startTime, argv } = await domain.process();
    assert.deepEqual([pid, startTime, argv], [before.pid, before.startTime, before.argv]);
    await domain.checkMemory();
  });

  it('has the reasons of libvirt among its blockers, unless the domain is to stay', async () => {
    const domain = await bench.domain();
    const emulator = bench.path('qemu-of-another-kind');
    // So libvirt asks each what it can do, and we do not.
    await writeScript(emulator, [
      'case "$*" in *qmp.monitor*) exit 1;; esac',
      `exec '${qemu72}' "$@"`,
    ]);
    const codesOf = async (stay: boolean) =>
      (await plan(domain, stay, emulator)).blockers.map(({ code }) => code);
    assert.deepEqual(await codesOf(false), ['LIBVIRT_CANNOT']);
    assert.deepEqual(await codesOf(true), []);
  });

  it('says that the domain’s QEMU could not reach the state folder', async () => {
    const domain = await bench.domain();
    await chmod(bench.folder, 0o700);
    const { blockers } = await plan(domain);
    assert.ok(blockers.some(({ code }) => code === 'STATE_OUT_OF_REACH'));
  });

  it('is none for a domain that does not run', async () => {
    const domain = await bench.domain();
    await virsh('managedsave', domain.name, '--running');
    await assert.rejects(plan(domain), { code: 'REFUSED', message: /shut off.*managed save/ });
    await virsh('managedsave-remove', domain.name);
    await virsh('start', domain.name);
  });
});
