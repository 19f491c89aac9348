/** What the tree knows of libvirt's domains: kept up to date by what libvirt tells. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Engine } from '../../src/engine/engine';
import { openSshHost } from '../../src/host/ssh';
import { libvirtDomains } from '../../src/views/tree/host';
import { HostModel } from '../../src/views/tree/host-model';
import { connectToSshd } from '../support/connect-sshd';
import { startSshd } from '../support/sshd';
import { LibvirtBench } from './support/bench';
import { endLibvirtd, startLibvirtd } from './support/daemon';
import { room } from './support/room';
import { virsh } from './support/virsh';

describe(`what the tree knows of libvirt: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();
  const events = new EventEmitter();
  let engine: Engine;
  let model: HostModel;
  beforeEach(async () => {
    engine = await Engine.open(bench.host, bench.path('state'));
    watch(engine);
    await model.read('overview');
  });
  afterEach(async () => {
    model.dispose();
    await engine.close();
  });

  const watch = (of: Engine) => {
    model = new HostModel(of, () => events.emit('change'));
    model.isSeen = true;
  };
  const states = () => libvirtDomains(model.content).map(({ name, state }) => `${name}: ${state}`);
  const until = async (holds: () => boolean) => {
    while (!holds()) await once(events, 'change');
  };
  const become = (...expected: string[]) => until(() => states().join() === expected.join());

  it('follows the life of a domain, without being asked', async () => {
    const domain = await bench.define();
    await become('guest 1: shut off');
    await virsh('start', domain.name);
    await become('guest 1: running');
    await virsh('suspend', domain.name);
    await become('guest 1: paused');
    const [paused] = libvirtDomains(model.content);
    assert.equal(paused?.instance?.process.pid, (await domain.process()).pid);
    await virsh('resume', domain.name);
    await become('guest 1: running');
    await domain.destroy();
    await become('guest 1: shut off');
    await virsh('undefine', domain.name);
    await become();
  });

  // The other room's Debian has no sshd.
  const itWithSshd = room.name === 'bookworm' ? it : () => undefined;
  itWithSshd('follows it over SSH', async () => {
    const sshd = await startSshd();
    const host = await openSshHost(await connectToSshd(sshd));
    const far = await Engine.open(host, bench.path('far'));
    try {
      model.dispose();
      watch(far);
      await model.read('overview');
      const domain = await bench.define();
      await become('guest 1: shut off');
      await virsh('start', domain.name);
      await become('guest 1: running');
      await domain.destroy();
      await become('guest 1: shut off');
    } finally {
      model.dispose();
      await far.close();
      await host.dispose();
      await sshd.stop();
    }
  });

  it('has the paths of the instance that runs now', async () => {
    const domain = await bench.domain();
    await become('guest 1: running');
    const uuid = await domain.uuid();
    const idOf = () => {
      const held = model.content.holdings.get(`${uuid} qemu:///system`);
      return held?.state === 'loaded' ? held.value.instances.map(({ id }) => id) : undefined;
    };
    await model.read({ holdings: uuid, connection: 'qemu:///system' });
    const first = Number(await virsh('domid', domain.name));
    assert.deepEqual(idOf(), [first]);
    await domain.destroy();
    await virsh('start', domain.name);
    await until(() => idOf()?.join() === String(first + 1));
  });

  it('sees that libvirt goes, and that it comes back', async () => {
    await bench.define();
    await become('guest 1: shut off');
    await endLibvirtd(bench.host, 'SIGKILL');
    const failure = () => {
      const { libvirt } = model.content;
      return libvirt?.state === 'loaded' ? libvirt.value[0]?.error?.code : undefined;
    };
    await until(() => failure() === 'LIBVIRT_UNREACHABLE');
    await startLibvirtd();
    await become('guest 1: shut off');
    // And it is listened to again.
    await bench.define({ name: 'other' });
    await become('guest 1: shut off', 'other: shut off');
    await virsh('undefine', 'other');
    await become('guest 1: shut off');
  });

  it('has no virsh running when it is disposed of', async () => {
    await bench.define();
    await become('guest 1: shut off');
    model.dispose();
    // The bench sees that none is left.
  });
});
