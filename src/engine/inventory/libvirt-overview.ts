/**
 * libvirt's domains of a host, as a user sees them. Three round trips for any number of them: what
 * libvirt lists, the processes, the emulators.
 */
import type { Host } from '../../host/host';
import type { ProcessFacts } from '../../host/process';
import type { ConnectionUri } from '../../libvirt/connections';
import type { LibvirtError } from '../../libvirt/errors';
import { listDomains } from '../../libvirt/inventory/list-domains';
import type { ConnectionListing, ListedDomain } from '../../libvirt/inventory/listing';
import type { RunningEmulator, RunningEmulators } from './running-emulators';

/** A libvirt that is not there is not in the list. */
export type LibvirtOverview = readonly LibvirtConnection[];

export interface LibvirtConnection {
  readonly uri: ConnectionUri;
  readonly domains: readonly LibvirtDomainOverview[];
  /** Why its domains cannot be told. */
  readonly error: LibvirtError | undefined;
}

export interface LibvirtDomainOverview extends ListedDomain {
  readonly connection: ConnectionUri;
  /** Undefined for a domain that does not run, and for one whose process is not seen. */
  readonly instance: LibvirtInstance | undefined;
}

export interface LibvirtInstance {
  /** libvirt's: it grows with each start, and begins anew with each boot of the host. */
  readonly id: number;
  readonly process: ProcessFacts;
  readonly emulator: RunningEmulator;
}

/**
 * The domains of all connections, without those that the engine has: between the two hops of a live
 * upgrade, and after the first, a domain is known to both.
 */
export function libvirtsAlone(
  connections: LibvirtOverview,
  own: readonly { readonly domain: { readonly uuid: string } }[],
): LibvirtDomainOverview[] {
  const uuids = new Set(own.map(({ domain }) => domain.uuid));
  return connections.flatMap(({ domains }) => domains.filter(({ uuid }) => !uuids.has(uuid)));
}

export async function readLibvirtOverview(
  host: Host,
  emulators: RunningEmulators,
  signal?: AbortSignal,
): Promise<LibvirtOverview> {
  const listings = await listDomains(host, signal);
  const instances = await findInstances(host, emulators, listings, signal);
  return listings.map((listing) => {
    const { uri } = listing;
    if ('error' in listing) return { uri, domains: [], error: listing.error };
    const domains = listing.domains.map((domain) => {
      return { ...domain, connection: uri, instance: instances.get(domain) };
    });
    return { uri, domains, error: undefined };
  });
}

/** A domain's process is told by its UUID, which libvirt gives to each QEMU: a pid file may be stale. */
async function findInstances(
  host: Host,
  emulators: RunningEmulators,
  listings: readonly ConnectionListing[],
  signal: AbortSignal | undefined,
): Promise<Map<ListedDomain, LibvirtInstance>> {
  const loaded = listings.flatMap((listing) => ('pids' in listing ? listing : []));
  const pids = loaded.flatMap((listing) => listing.pids);
  if (pids.length === 0) return new Map();
  const processes = new Map((await host.inspect(pids)).map((facts) => [facts?.pid, facts]));
  const active = loaded.flatMap((listing) => {
    const own = listing.pids.map((pid) => processes.get(pid));
    const byUuid = new Map(own.map((process) => [uuidOf(process), process]));
    return listing.domains.flatMap((domain) => {
      const process = byUuid.get(domain.uuid);
      const { id } = domain;
      return process === undefined || id === undefined ? [] : [{ domain, id, process }];
    });
  });
  const running = await emulators.of(
    active.map(({ process }) => process),
    signal,
  );
  return new Map(
    active.flatMap(({ domain, id, process }, index) => {
      const emulator = running[index];
      return emulator === undefined ? [] : [[domain, { id, process, emulator }]];
    }),
  );
}

function uuidOf(process: ProcessFacts | undefined): string | undefined {
  const index = process?.argv.indexOf('-uuid') ?? -1;
  return index < 0 ? undefined : process?.argv[index + 1];
}
