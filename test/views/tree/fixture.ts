import type { DomainHoldings, Holding } from '../../../src/engine/inventory/holdings';
import type {
  DomainOverview,
  HostOverview,
  InstanceOverview,
  MigrationOverview,
} from '../../../src/engine/inventory/overview';
import type {
  LibvirtDomainOverview,
  LibvirtInstance,
} from '../../../src/engine/inventory/libvirt-overview';
import { traceNamed, type TraceFile } from '../../../src/engine/inventory/traces';
import { Engine } from '../../../src/engine/engine';
import { notBegun, type MigrationProgress } from '../../../src/engine/trace/progress';
import type { HostStatus } from '../../../src/views/hosts';
import type { ReadableLibvirt } from '../../../src/views/tree/libvirt-model';
import type { Branch, Words } from '../../../src/views/tree/branch';
import { childrenOf } from '../../../src/views/tree/forest';
import {
  hostBranch,
  nothingRead,
  type HostContent,
  type HostFacts,
} from '../../../src/views/tree/host';

/** Of a host that has no libvirt. */
export const noLibvirt: ReadableLibvirt = {
  overview: () => Promise.resolve([]),
  holdings: () => Promise.reject(new Error('there is no domain')),
  watch: () => ({
    follow() {
      // There is nobody to be followed.
    },
    dispose() {
      // Nothing is watched.
    },
  }),
};

/** English, and UTC. */
export const words: Words = {
  t: (message, ...args) =>
    message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])),
  time: (at) => new Date(at / 1000).toISOString().slice(0, 16).replace('T', ' '),
  shortTime: (at) => new Date(at / 1000).toISOString().slice(11, 16),
};

export const uuid = '6c8b1f0e-1d5f-4e0e-9a43-0f6a3a3f9d10';
export const startedAt = Date.parse('2026-11-23T08:14:30Z') * 1000;

/** The tree asks no engine. */
export const connected: HostStatus = {
  state: 'connected',
  engine: Object.create(Engine.prototype) as Engine,
};

/** One that is under way, or was left behind. */
export function migrationOf(
  client: MigrationOverview['client'],
  progress: Partial<MigrationProgress> = {},
): MigrationOverview {
  return { client, startedAt, tracePath: '/t', progress: { ...notBegun, ...progress } };
}

export function localHost(status: HostStatus = connected): HostFacts {
  return { id: 'local', label: 'This machine', destination: undefined, status };
}

export function sshHost(status: HostStatus = connected): HostFacts {
  return { id: 'lab', label: 'lab', destination: 'root@lab:22', status };
}

export function instance(
  id: number,
  { version = '7.2.22', ...more }: Partial<InstanceOverview> & { version?: string } = {},
): InstanceOverview {
  const { role = 'source' } = more;
  return {
    instance: {
      id,
      uuid,
      emulator: `/usr/bin/qemu-${version}`,
      version,
      monitor: `/run/sidestep/instances/${id}/qmp.sock`,
      process: { pid: 1000 + id, startTime: 1, argv: [] },
    },
    role,
    table: role === 'source' ? 'source' : 'remote',
    alive: true,
    startedAt,
    ...more,
  };
}

export function domain(name: string, more: Partial<DomainOverview> = {}): DomainOverview {
  const instances = more.instances ?? [instance(7)];
  const source = instances[0]?.instance.id ?? 0;
  return {
    domain: { uuid, name, definition: [], source, takenSockets: [], ownedPaths: [] },
    state: 'running',
    migration: undefined,
    lastFailure: undefined,
    ...more,
    instances,
  };
}

/** QEMU's version, and its package's. */
export const old = { version: '7.2.22', package: 'Debian 1:7.2+dfsg-7+deb12u18' };
export function running(more: Partial<LibvirtInstance['emulator']> = {}): LibvirtInstance {
  return {
    id: 3,
    process: {
      ...{ pid: 4711, startTime: 1, argv: [], cwd: '/', exe: '/usr/bin/qemu', uid: 64055 },
      ...{ startedAt, state: 'S' },
    },
    emulator: { path: '/usr/bin/qemu-system-x86_64', version: old, installed: undefined, ...more },
  };
}

/** One that libvirt runs. */
export function libvirts(
  name: string,
  more: Partial<LibvirtDomainOverview> = {},
): LibvirtDomainOverview {
  return {
    ...{ uuid, name, connection: 'qemu:///system', id: 3, state: 'running', reason: 'booted' },
    ...{ persistent: true, autostart: false, managedSave: false, instance: running() },
    ...more,
  };
}

export const shutOff = {
  id: undefined,
  state: 'shut off',
  reason: 'destroyed',
  instance: undefined,
} as const;

export function trace(name: string): TraceFile {
  const found = traceNamed(`/run/sidestep/traces/${name}.sidestep-trace`);
  if (found === undefined) throw new Error(`${name} is not how traces are named`);
  return { ...found, size: 34_000 };
}

export function loaded<Value>(value: Value) {
  return { state: 'loaded', value } as const;
}

export function overview(
  domains: readonly DomainOverview[],
  traces: readonly TraceFile[] = [],
): Pick<HostContent, 'overview' | 'traces'> {
  const value: HostOverview = { domains, traces };
  return { overview: loaded(value), traces: loaded(traces) };
}

export function holdingsOf(
  of: DomainOverview,
  resources: readonly Holding[],
): Pick<HostContent, 'holdings'> {
  const value: DomainHoldings = {
    domain: of.domain,
    instances: of.instances.map(({ instance: { id, monitor }, role, table }) => ({
      ...{ id, role, table, monitor, resources },
      folder: `/run/sidestep/instances/${id}`,
      console: `/run/sidestep/instances/${id}/console.sock`,
      output: `/run/sidestep/instances/${id}/qemu.out`,
    })),
  };
  return { holdings: new Map([[of.domain.uuid, loaded(value)]]) };
}

export function tree(host: HostFacts, content: Partial<HostContent> = {}): Branch {
  return hostBranch(host, { ...nothingRead, libvirt: loaded([]), ...content }, words);
}

/** The rows of a tree, a line each: `label | description`. */
export function rows(branch: Branch, depth = 0): string[] {
  const { label, description } = branch.look;
  const more = branch.children === 'not loaded' ? ' …' : '';
  const row = `${'  '.repeat(depth)}${description === '' ? label : `${label} | ${description}`}${more}`;
  return [row, ...childrenOf(branch).flatMap((child) => rows(child, depth + 1))];
}

export function all(branch: Branch): Branch[] {
  return [branch, ...childrenOf(branch).flatMap(all)];
}

/** The one branch of this kind. */
export function only(branch: Branch, kind: string): Branch {
  const found = all(branch).filter(({ node }) => node.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} nodes: ${kind}`);
  return first;
}
