/** What a running domain of libvirt's holds on the host, and what moving it would do about each. */
import { plainDefinition } from '../../libvirt/definition';
import { readDomainXml } from '../../libvirt/domain-xml';
import {
  foldersOf,
  instanceFolder,
  libFolder,
  namedBy,
  ownFiles,
  type NamedBy,
  type OwnFile,
} from '../../libvirt/own-paths';
import { Virsh } from '../../libvirt/virsh';
import type { Host } from '../../host/host';
import { splitProgram } from '../domain/qemu-process';
import type { EmulatorCatalog } from '../emulators/catalog';
import { holdingOf, type DomainHoldings, type Holding } from '../inventory/holdings';
import type { LibvirtDomainOverview, LibvirtInstance } from '../inventory/libvirt-overview';
import { makePlan } from '../plan/make-plan';
import type { ResourceAction, ResourceKind } from '../plan/plan';
import { definitionOf } from '../plan/start-arguments';

/** @throws LibvirtError, HostError; SidestepError `EMULATOR_MISSING`, `EMULATOR_FAILS` */
export async function readLibvirtHoldings(
  host: Host,
  emulators: EmulatorCatalog,
  domain: LibvirtDomainOverview,
  signal?: AbortSignal,
): Promise<DomainHoldings> {
  const { name, uuid, instance } = domain;
  if (instance === undefined) return { domain: { name, uuid }, instances: [] };
  const own = { name, uuid, id: instance.id };
  const lib = libFolder(instance.process.argv) ?? '/var/lib/libvirt/qemu';
  const folders = foldersOf(domain.connection, lib, host.facts.runtimeDir);
  const files = ownFiles(own, folders);
  const [there, resources] = await Promise.all([
    existing(
      host,
      files.map(({ path }) => path),
      signal,
    ),
    planned(host, emulators, domain, instance, signal),
  ]);
  return {
    domain: { name, uuid },
    instances: [
      {
        ...{ id: instance.id, role: 'source', table: 'source' },
        folder: instanceFolder(own, folders),
        ...{ monitor: undefined, console: undefined, output: undefined },
        resources: [
          ...files.filter(({ path }) => there.has(path)).map(libvirtsOwn),
          ...resources.flatMap((holding) => {
            if (there.has(holding.address)) return [];
            const by = namedBy(holding.address, own);
            return by === undefined ? holding : { ...holding, ...chosenByLibvirt(by, holding) };
          }),
        ],
      },
    ],
  };
}

/** What the process's command line names, dealt with as if the domain were moved. */
async function planned(
  host: Host,
  emulators: EmulatorCatalog,
  { connection, uuid }: LibvirtDomainOverview,
  { process }: LibvirtInstance,
  signal: AbortSignal | undefined,
): Promise<Holding[]> {
  const { emulator: path, args } = splitProgram(process);
  const [xml, [emulator]] = await Promise.all([
    new Virsh(host, connection).run(['dumpxml', uuid], { ...(signal && { signal }) }),
    emulators.describe([path], signal),
  ]);
  const plain = plainDefinition(args, readDomainXml(xml), (own) => own.path);
  return makePlan({
    definition: definitionOf(plain.definition, process.cwd ?? '/'),
    source: { emulator, evidence: undefined },
    target: { emulator, directory: '/' },
    mode: 'auto',
  }).resources.flatMap(holdingOf);
}

/** Where the engine's instance would have what libvirt names is a matter of the move itself. */
function chosenByLibvirt(by: NamedBy, { kind, action, reason }: Holding): Partial<Holding> {
  // Of what a command line names it is the variables of the firmware, a drive like others.
  if (by !== 'id') return { namedBy: by, kind: 'firmware' };
  const target = undefined;
  if (kind === 'ram') return { namedBy: by, target };
  return action === 'share' || action === 'take-back'
    ? { namedBy: by, target, action: 'unique', reason: reasons.id }
    : { namedBy: by, target, reason };
}

const reasons: Readonly<Record<NamedBy, string>> = {
  id: 'libvirt names it by the instance’s id and removes it with the instance: each has its own',
  name: 'libvirt names it by the domain’s name alone: two instances would share it, which is why libvirt refuses to migrate to the same host',
  uuid: 'libvirt names it by the domain’s UUID alone: two instances would share it',
};

const kinds: Readonly<Record<OwnFile['what'], ResourceKind>> = {
  monitor: 'monitor',
  'master-key': 'secret',
  status: 'other',
  pidfile: 'pidfile',
  log: 'log',
  definition: 'other',
  'managed-save': 'other',
  snapshots: 'other',
  checkpoints: 'other',
  'tpm-state': 'device',
  'tpm-socket': 'device',
  'tpm-log': 'log',
};

function libvirtsOwn({ what, path, namedBy: by }: OwnFile): Holding {
  const isTpm = what.startsWith('tpm');
  const action: ResourceAction = by === 'id' ? 'unique' : 'drop';
  return {
    kind: kinds[what],
    option: `libvirt: ${what}`,
    address: path,
    action: isTpm ? 'refuse' : action,
    reason: reasons[by],
    target: undefined,
    namedBy: by,
  };
}

/** Those of the paths that there are, as far as this user may see. */
async function existing(
  host: Host,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  const script = 'for path do [ -e "$path" ] && printf "%s\\0" "$path"; done; true';
  const { stdout } = await host.run(['sh', '-c', script, 'sidestep-paths', ...paths], {
    ...(signal && { signal }),
  });
  return new Set(stdout.toString().split('\0'));
}
