/** What the engine does to its own domains it does to libvirt's, on a real libvirt. */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Engine } from '../../src/engine/engine';
import { LibvirtError } from '../../src/libvirt/errors';
import { countingHost } from '../support/counting-host';
import { sidestepError } from '../support/errors';
import { LibvirtBench } from './support/bench';
import { endLibvirtd, startLibvirtd } from './support/daemon';
import { room } from './support/room';
import { virsh } from './support/virsh';

const uri = 'qemu:///system';

describe(`the engine's commands on libvirt's domains: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();
  let engine: Engine;
  beforeEach(async () => {
    engine = await Engine.open(bench.host, bench.path('state'));
  });
  afterEach(() => engine.close());

  it('pauses and resumes, once and once more', async () => {
    const domain = await bench.domain();
    const uuid = await domain.uuid();
    for (const named of [domain.name, uuid, { uri, domain: uuid }]) {
      await engine.pause(named);
      await engine.pause(named);
      assert.equal(await domain.state(), 'paused');
      assert.equal((await engine.resume(named)).uuid, uuid);
      await engine.resume(named);
      assert.equal(await domain.state(), 'running');
      await domain.goesOn();
    }
  });

  it('destroys one that runs, which stays defined, and starts it again', async () => {
    const domain = await bench.domain();
    const { pid } = await domain.process();
    const identity = await engine.identify(domain.name);
    assert.equal(identity.connection, uri);
    assert.equal((await engine.destroy(identity.unambiguous)).name, domain.name);
    assert.equal(await domain.state(), 'shut off');
    const [facts] = await bench.host.inspect([pid]);
    assert.equal(facts, undefined);
    await assert.rejects(engine.destroy(domain.name), sidestepError('NOT_RUNNING'));
    await assert.rejects(engine.stop(domain.name, 1_000), sidestepError('NOT_RUNNING'));

    const found = await engine.libvirt.find(domain.name);
    assert.ok(found !== undefined);
    await engine.libvirt.start(found);
    assert.equal(await domain.state(), 'running');
    await assert.rejects(engine.libvirt.start(found), refusal('LIBVIRT_REFUSED'));
  });

  it('asks a guest to shut down, and waits until it has', async () => {
    const domain = await bench.domain();
    // A walker has no ear for it.
    await assert.rejects(engine.stop(domain.name, 100), sidestepError('STILL_RUNNING'));
    const { host, calls } = countingHost(bench.host);
    const counted = await Engine.open(host, bench.path('counted'));
    const stopped = counted.stop(domain.name, 30_000);
    while (!calls().includes('waitForExit')) await nextTurn();
    await domain.destroy();
    assert.equal((await stopped).name, domain.name);
    await counted.close();
    const cancel = new AbortController();
    await virsh('start', domain.name);
    const cancelled = assert.rejects(engine.stop(domain.name, 30_000, cancel.signal), {
      code: 'CANCELLED',
    });
    cancel.abort();
    await cancelled;
  });

  it('says so where there is no such domain, or no such libvirt', async () => {
    await bench.define();
    await assert.rejects(engine.pause('nobody'), sidestepError('NO_SUCH_DOMAIN'));
    await assert.rejects(engine.pause({ uri, domain: 'nobody' }), sidestepError('NO_SUCH_DOMAIN'));
    await assert.rejects(
      engine.pause({ uri: 'qemu:///session', domain: 'nobody' }),
      refusal('LIBVIRT_UNREACHABLE'),
    );
    await endLibvirtd(bench.host, 'SIGKILL');
    try {
      // It may be the one that does not answer who has it.
      await assert.rejects(engine.pause('nobody'), refusal('LIBVIRT_UNREACHABLE'));
    } finally {
      await startLibvirtd();
    }
  });

  it("gives a domain's XML, live and persistent, without its secrets", async () => {
    const password = 'hushhush';
    const domain = await bench.domain({
      devices: `<graphics type='vnc' port='-1' passwd='${password}'/>`,
    });
    const named = { uri, domain: await domain.uuid() };
    const live = await engine.libvirt.xml(named, 'live');
    const persistent = await engine.libvirt.xml(named, 'persistent');
    assert.match(live, /<domain type='qemu' id='\d+'>/);
    assert.match(live, /<alias name='serial0'\/>/);
    assert.match(persistent, /<domain type='qemu'>/);
    assert.doesNotMatch(persistent, /<alias /);
    for (const xml of [live, persistent]) assert.ok(!xml.includes(password));
  });
});

function refusal(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof LibvirtError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
