import assert from 'node:assert/strict';
import { Engine } from '../../../src/engine/engine';
import { LibvirtDomains } from '../../../src/engine/libvirt/libvirt-domains';
import type { HostStatus, ViewedHost, ViewedHosts } from '../../../src/views/hosts';
import { HostTrees } from '../../../src/views/tree/host-trees';
import type { TreeNode } from '../../../src/views/tree/node';
import { domain, migrationOf, noLibvirt, uuid, words } from './fixture';

describe('the trees of the hosts', () => {
  it('tell nothing before they are there, and then what changes', async () => {
    const { trees, lab, told } = setUp();
    assert.deepEqual(told, []);
    lab.become(connectedTo([domain('devbox')]));
    assert.deepEqual(told.splice(0), [['host']]);
    assert.deepEqual(await labels(trees, hostNode), ['devbox', 'Emulators', 'Recent traces']);
    trees.dispose();
  });

  it('read a host when it is opened, and not before', async () => {
    const { trees, lab } = setUp();
    const status = connectedTo([]);
    lab.become(status);
    assert.equal(status.readings(), 0);
    await Promise.all([trees.children(hostNode), trees.children(hostNode)]);
    assert.equal(status.readings(), 1);
    trees.dispose();
  });

  it('hand out the same nodes as long as they stand for the same', async () => {
    const { trees, lab } = setUp();
    lab.become(connectedTo([domain('devbox')]));
    const before = await trees.children(hostNode);
    await trees.refresh();
    const after = await trees.children(hostNode);
    assert.equal(after.length, 3);
    for (const [index, node] of after.entries()) assert.equal(node, before[index]);
    assert.equal(trees.parent(after[0] ?? hostNode), trees.roots[0]);
    trees.dispose();
  });

  it('forget what they knew of a host that is lost, and read it again when it is back', async () => {
    const { trees, lab } = setUp();
    lab.become(connectedTo([domain('devbox')]));
    await trees.children(hostNode);
    lab.become({ state: 'reconnecting', attempt: 1, error: new Error('The host is away.') });
    assert.deepEqual(await labels(trees, hostNode), ['The host is away.']);
    lab.become(connectedTo([domain('another')]));
    assert.deepEqual((await labels(trees, hostNode))[0], 'another');
    trees.dispose();
  });

  it('find a domain that was started after they were read', async () => {
    const { trees, lab } = setUp();
    const status = connectedTo([]);
    lab.become(status);
    await trees.children(hostNode);
    status.domains.push(domain('devbox'));
    const found = await trees.domain('lab', uuid);
    assert.ok(found?.kind === 'domain');
    assert.equal(await trees.domain('lab', 'none'), undefined);
    assert.equal(await trees.domain('none', uuid), undefined);
    trees.dispose();
  });

  it('count the migrations under way', async () => {
    const { trees, lab } = setUp();
    const migration = migrationOf('own');
    lab.become(connectedTo([domain('a'), domain('b', { migration, state: 'migrating' })]));
    assert.equal(trees.migrations, 0);
    await trees.children(hostNode);
    assert.equal(trees.migrations, 1);
    trees.dispose();
  });

  it('follow the list of hosts', () => {
    const { trees, hosts, told } = setUp();
    hosts.become([]);
    assert.deepEqual(trees.roots, []);
    assert.deepEqual(told, [undefined]);
    trees.dispose();
    assert.equal(hosts.listeners, 0);
  });

  it('show a host with 1,000 domains in a fraction of a second', async () => {
    const { trees, lab } = setUp();
    const domains = Array.from({ length: 1_000 }, (_, index) => {
      const of = domain(`vm-${index}`);
      return { ...of, domain: { ...of.domain, uuid: String(index) } };
    });
    lab.become(connectedTo(domains));
    await trees.children(hostNode);
    // Of the processor's time, not of what others take of it meanwhile.
    const before = process.cpuUsage();
    await trees.refresh();
    const { user } = process.cpuUsage(before);
    assert.ok(user < 1_000_000, `${user / 1_000} ms`);
    trees.dispose();
  });
});

const hostNode: TreeNode = { kind: 'host', hostId: 'lab' };

async function labels(trees: HostTrees, node: TreeNode): Promise<(string | undefined)[]> {
  return (await trees.children(node)).map((child) => trees.branch(child)?.look.label);
}

function setUp() {
  const lab = new FakeHost();
  const hosts = new FakeHosts([lab]);
  const told: (string[] | undefined)[] = [];
  const trees = new HostTrees(hosts, words, (nodes) => {
    told.push(nodes?.map(({ kind }) => kind));
  });
  return { lab, hosts, trees, told };
}

type Connected = Extract<HostStatus, { state: 'connected' }>;

/** A connection to a host whose domains the test may change. */
function connectedTo(domains: ReturnType<typeof domain>[]) {
  let readings = 0;
  const engine = Object.assign(Object.create(Engine.prototype) as Engine, {
    overview: () => {
      readings++;
      return Promise.resolve({ domains: [...domains], traces: [] });
    },
    watch: () => ({ dispose: () => undefined }),
    libvirt: Object.assign(Object.create(LibvirtDomains.prototype) as LibvirtDomains, noLibvirt),
  });
  const status: Connected = { state: 'connected', engine };
  return { ...status, domains, readings: () => readings };
}

/** As `vscode.EventEmitter`. */
class FakeEvent {
  readonly #listeners = new Set<() => void>();
  readonly event = (listener: () => void) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  get listeners(): number {
    return this.#listeners.size;
  }

  fire(): void {
    for (const listener of this.#listeners) listener();
  }
}

class FakeHost implements ViewedHost {
  readonly id = 'lab';
  readonly label = 'lab';
  readonly destination = 'root@lab:22';
  readonly #changed = new FakeEvent();
  readonly onDidChangeStatus = this.#changed.event;
  status: HostStatus = { state: 'disconnected' };

  become(status: HostStatus): void {
    this.status = status;
    this.#changed.fire();
  }
}

class FakeHosts implements ViewedHosts {
  readonly #changed = new FakeEvent();
  readonly onDidChange = this.#changed.event;

  constructor(public all: readonly ViewedHost[]) {}

  get listeners(): number {
    return this.#changed.listeners;
  }

  find(id: string): ViewedHost | undefined {
    return this.all.find((host) => host.id === id);
  }

  become(all: readonly ViewedHost[]): void {
    this.all = all;
    this.#changed.fire();
  }
}
