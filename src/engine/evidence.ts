/** Reads off a running source what its command line alone does not tell. */
import { basename, dirname } from 'node:path/posix';
import * as v from 'valibot';
import type { FileStat } from '../host/files';
import type { Host } from '../host/host';
import type { Emulator } from '../qemu/emulator';
import { QmpError } from '../qemu/qmp/errors';
import { readHostMemory } from './host-evidence/host-memory';
import { readNamedFiles } from './host-evidence/named-files';
import type { InstanceMonitor } from './instance-monitor';
import { CommandLine } from '../qemu/commandline/commandline';
import { sharedRamFiles } from './plan/guest-ram';
import { tapsIn } from './plan/rules/tap';
import { knowsAuxRamShare } from './plan/mode-choice';
import type { SourceEvidence } from './plan/plan';
import type { DomainToMove } from './state/records';

/** What examining the source gives. */
export interface Examination {
  readonly evidence: SourceEvidence;
  readonly runState: string;
  /** Status of QEMU's last migration: another may be under way. */
  readonly migrationStatus: string | undefined;
}

/** How the source's migration is set up, to be put back after a failure. */
export interface MigrationSettings {
  /** Capabilities that are on. */
  readonly capabilities: ReadonlySet<string>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const Capabilities = v.array(v.object({ capability: v.string(), state: v.boolean() }));
const Parameters = v.record(v.string(), v.unknown());
const VncServers = v.array(
  v.object({
    server: v.optional(
      v.array(v.object({ host: v.string(), service: v.string(), family: v.optional(v.string()) })),
    ),
  }),
);

export async function readMigrationSettings({
  client,
}: InstanceMonitor): Promise<MigrationSettings> {
  const [capabilities, parameters] = await Promise.all([
    client.execute('query-migrate-capabilities'),
    client.execute('query-migrate-parameters'),
  ]);
  return {
    capabilities: new Set(
      v
        .parse(Capabilities, capabilities)
        .flatMap(({ capability, state }) => (state ? capability : [])),
    ),
    parameters: v.parse(Parameters, parameters),
  };
}

/** The source, as far as it is known without asking it. */
interface Source {
  /** On its way, perhaps: what does not need it is not held up by it. */
  readonly monitor: InstanceMonitor | Promise<InstanceMonitor>;
  readonly pid: number;
  /** What it runs; on its way likewise. */
  readonly emulator: Emulator | Promise<Emulator>;
  readonly domain: DomainToMove;
}

/** What speaks for or against moving it just now. */
export async function examineRunState(
  monitor: InstanceMonitor,
  signal?: AbortSignal,
): Promise<Pick<Examination, 'runState' | 'migrationStatus'>> {
  const [runState, { status }] = await Promise.all([
    monitor.queryRunState(signal),
    monitor.queryMigration(signal),
  ]);
  return { runState, migrationStatus: status };
}

/** All that can be asked at once is: one round trip beyond those that connect. */
export async function examineSource(
  host: Host,
  source: Source,
  signal?: AbortSignal,
): Promise<Examination> {
  const { pid, domain } = source;
  const { definition } = domain;
  const ramFiles = sharedRamFiles(definition);
  const [mappedFiles, bridges, files, memory, said] = await Promise.all([
    findMappedFiles(host, pid, ramFiles),
    findBridges(host, tapsIn(CommandLine.parse(definition).options)),
    readNamedFiles(host, pid, domain),
    readHostMemory(host, pid, [...new Set(ramFiles.map((path) => dirname(path)))]),
    askSource(source, signal),
  ]);
  return {
    evidence: { ...said.evidence, bridges, ram: { mappedFiles }, files, memory },
    runState: said.runState,
    migrationStatus: said.migration.status,
  };
}

async function askSource(source: Source, signal: AbortSignal | undefined) {
  const monitor = await source.monitor;
  const ask = (command: string, args?: object) => monitor.client.execute(command, args, { signal });
  const machineProperty = (property: string) => ask('qom-get', { path: '/machine', property });
  const [runState, migration, machineType, auxRamShare, vnc] = await Promise.all([
    monitor.queryRunState(signal),
    monitor.queryMigration(signal),
    machineProperty('type'),
    Promise.resolve(source.emulator).then((emulator) =>
      knowsAuxRamShare(emulator) ? unlessUnknown(machineProperty('aux-ram-share')) : undefined,
    ),
    namesVnc(source.domain.definition) ? unlessUnknown(ask('query-vnc-servers')) : undefined,
  ]);
  return {
    runState,
    migration,
    evidence: {
      machineType: v.parse(v.string(), machineType).replace(/-machine$/, ''),
      blockedReasons: migration.blockedReasons,
      auxRamShare: auxRamShare === undefined ? undefined : v.parse(v.boolean(), auxRamShare),
      vncAddresses: vnc === undefined ? [] : vncAddresses(vnc),
    },
  };
}

/** A property or command that this QEMU does not have is no failure. */
async function unlessUnknown(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof QmpError && error.code === 'COMMAND_FAILED') return undefined;
    throw error;
  }
}

/** `-vnc ADDRESS`, `-display vnc=ADDRESS` */
function namesVnc(definition: readonly string[]): boolean {
  return definition.some((word) => /^-?-vnc$|^vnc\b|"vnc"/.test(word));
}

function vncAddresses(answer: unknown): string[] {
  return v
    .parse(VncServers, answer)
    .flatMap(({ server }) => server ?? [])
    .filter(({ family }) => family !== 'unix')
    .map(({ host, service }) =>
      host.includes(':') ? `[${host}]:${service}` : `${host}:${service}`,
    );
}

/**
 * Which of these files the process really maps: the path may name another file by now. Told by path
 * and inode in `/proc/PID/maps`; its device number is no help on btrfs and overlayfs, where it
 * differs from stat's.
 */
export async function findMappedFiles(
  host: Host,
  pid: number,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const [maps, ...files] = await host.files([
    { op: 'read', path: `/proc/${pid}/maps` },
    ...paths.map((path) => ({ op: 'realpath', path }) as const),
    ...paths.map((path) => ({ op: 'stat', path }) as const),
  ]);
  const mapped = new Map<string, Set<string>>();
  for (const line of (maps ?? Buffer.alloc(0)).toString().split('\n')) {
    const [, inode, path] = /^\S+ \S+ \S+ \S+ (\d+) +(.*)$/.exec(line) ?? [];
    if (inode === undefined || inode === '0' || path === undefined) continue;
    // The kernel writes a newline in a path as \012.
    mapped.set(inode, (mapped.get(inode) ?? new Set()).add(path.replaceAll('\\012', '\n')));
  }
  const isMapped = await Promise.all(
    paths.map(async (_, index) => {
      const realPath = files[index];
      const stat = files[paths.length + index];
      if (typeof realPath !== 'string' || typeof stat !== 'object') return false;
      const names = mapped.get(String(stat.inode));
      return names !== undefined && (names.has(realPath) || (await isOneOf(host, stat, names)));
    }),
  );
  return new Set(paths.filter((_, index) => isMapped[index] === true));
}

/** What each network interface is plugged into, as the kernel has it. */
async function findBridges(
  host: Host,
  devices: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (devices.length === 0) return new Map();
  const masters = await host.files(
    devices.map((device) => ({ op: 'realpath', path: `/sys/class/net/${device}/master` }) as const),
  );
  const isBridge = await host.files(
    masters.map((path) => ({ op: 'stat', path: `${path ?? ''}/bridge` }) as const),
  );
  return new Map(
    devices.flatMap((device, index) => {
      const master = masters[index];
      return master === undefined || isBridge[index] === undefined
        ? []
        : [[device, basename(master)]];
    }),
  );
}

/** Whether the file has, as another of its names, one of these. */
async function isOneOf(
  host: Host,
  { device, inode }: FileStat,
  names: ReadonlySet<string>,
): Promise<boolean> {
  const stats = await host.files([...names].map((path) => ({ op: 'stat', path }) as const));
  return stats.some((each) => each !== undefined && each.device === device && each.inode === inode);
}
