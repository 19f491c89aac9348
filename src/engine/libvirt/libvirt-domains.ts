/** libvirt's domains of one host: what there are, and what libvirt itself does to them. */
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import { timeLimit } from '../../host/time-limit';
import { connectionUris, type ConnectionUri } from '../../libvirt/connections';
import { LibvirtError } from '../../libvirt/errors';
import {
  destroyDomain,
  resumeDomain,
  shutDownDomain,
  startDomain,
  suspendDomain,
} from '../../libvirt/lifecycle';
import { Virsh } from '../../libvirt/virsh';
import { stillRunning } from '../domain/end';
import type { EmulatorCatalog } from '../emulators/catalog';
import { SidestepError } from '../errors';
import type { DomainHoldings } from '../inventory/holdings';
import { commandLineText } from '../inventory/instance-status';
import {
  readLibvirtOverview,
  type LibvirtConnection,
  type LibvirtDomainOverview,
  type LibvirtOverview,
} from '../inventory/libvirt-overview';
import { RunningEmulators } from '../inventory/running-emulators';
import { noSuchDomain } from '../migration/find-source';
import { readLibvirtHoldings } from './holdings';
import type { LibvirtDomain } from './examine';
import { LibvirtWatch } from './watch';

export class LibvirtDomains {
  readonly #runningEmulators: RunningEmulators;

  constructor(
    private readonly host: Host,
    private readonly emulators: EmulatorCatalog,
  ) {
    this.#runningEmulators = new RunningEmulators(host, emulators);
  }

  /**
   * In three round trips however many there are. Nothing is started by it; a libvirt that is not
   * there has no connection in the list.
   */
  overview(signal?: AbortSignal): Promise<LibvirtOverview> {
    return readLibvirtOverview(this.host, this.#runningEmulators, signal);
  }

  /** Until disposed. What is to be listened to is told to it: `LibvirtWatch.follow`. */
  watch(onChange: () => void): LibvirtWatch {
    return new LibvirtWatch(this.host, onChange);
  }

  /**
   * @param named a name or UUID in any connection, or in one
   * @returns undefined if no connection has it
   * @throws SidestepError `AMBIGUOUS_DOMAIN`; LibvirtError of a connection that may have it
   */
  async find(
    named: string | LibvirtDomain,
    signal?: AbortSignal,
  ): Promise<LibvirtDomainOverview | undefined> {
    const name = typeof named === 'string' ? named : named.domain;
    const connections = await this.overview(signal);
    const asked =
      typeof named === 'string' ? connections : [connectionNamed(connections, named.uri)];
    const domains = asked.flatMap((connection) => connection.domains);
    const byUuid = domains.filter(({ uuid }) => uuid === name.toLowerCase());
    const found = byUuid.length > 0 ? byUuid : domains.filter((domain) => domain.name === name);
    if (found.length > 1) throw ambiguous(name, found);
    const error = asked.find((connection) => connection.error !== undefined)?.error;
    if (found.length === 0 && error !== undefined) throw error;
    return found[0];
  }

  async start({ uuid, connection }: LibvirtDomainOverview, signal?: AbortSignal): Promise<void> {
    await startDomain(this.#virsh(connection), uuid, signal);
  }

  /** One that stands still already is left as it is. */
  async pause({ uuid, connection }: LibvirtDomainOverview, signal?: AbortSignal): Promise<void> {
    await suspendDomain(this.#virsh(connection), uuid, signal);
  }

  async resume({ uuid, connection }: LibvirtDomainOverview, signal?: AbortSignal): Promise<void> {
    await resumeDomain(this.#virsh(connection), uuid, signal);
  }

  /**
   * Asks the guest to shut down, and waits until its QEMU has ended.
   * @throws SidestepError `STILL_RUNNING`, `NOT_RUNNING`
   */
  async stop(
    domain: LibvirtDomainOverview,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const { uuid, connection, instance } = domain;
    if (instance === undefined) throw notRunning(domain);
    const limit = timeLimit(timeoutMs);
    await shutDownDomain(this.#virsh(connection), uuid, signal);
    try {
      await this.host.waitForExit(
        instance.process,
        signal === undefined ? limit : AbortSignal.any([signal, limit]),
      );
    } catch (error) {
      const isLate = limit.aborted && signal?.aborted !== true;
      if (!(isLate && error instanceof HostError)) throw error;
      throw stillRunning(instance.id, timeoutMs);
    }
  }

  /**
   * Ends its QEMU at once; a persistent domain stays defined.
   * @throws SidestepError `NOT_RUNNING`
   */
  async destroy(domain: LibvirtDomainOverview): Promise<void> {
    if (domain.id === undefined) throw notRunning(domain);
    await destroyDomain(this.#virsh(domain.connection), domain.uuid);
  }

  /** As `virsh dumpxml` gives it: without secrets. */
  xml(
    { uri, domain }: LibvirtDomain,
    which: 'live' | 'persistent',
    signal?: AbortSignal,
  ): Promise<string> {
    const inactive = which === 'persistent' ? ['--inactive'] : [];
    return this.#virsh(uri).run(['dumpxml', domain, ...inactive], { ...(signal && { signal }) });
  }

  /** Of its QEMU, one option a line, without secrets. */
  async commandLine(named: LibvirtDomain, signal?: AbortSignal): Promise<string> {
    const found = await this.find(named, signal);
    if (found === undefined) throw noSuchDomain(named.domain);
    if (found.instance === undefined) throw notRunning(found);
    const { emulator, process } = found.instance;
    return commandLineText({ emulator: emulator.path, process });
  }

  holdings(domain: LibvirtDomainOverview, signal?: AbortSignal): Promise<DomainHoldings> {
    return readLibvirtHoldings(this.host, this.emulators, domain, signal);
  }

  #virsh(uri: string): Virsh {
    return new Virsh(this.host, uri);
  }
}

function connectionNamed(connections: LibvirtOverview, uri: string): LibvirtConnection {
  const found = connections.find((connection) => connection.uri === uri);
  if (found !== undefined) return found;
  const known: readonly string[] = connectionUris satisfies readonly ConnectionUri[];
  throw new LibvirtError(
    'LIBVIRT_UNREACHABLE',
    known.includes(uri)
      ? `There is no libvirt on this host at ${uri}.`
      : `Sidestep knows the connections ${known.join(' and ')}, not "${uri}".`,
    uri,
  );
}

function ambiguous(name: string, found: readonly LibvirtDomainOverview[]): SidestepError {
  const uris = found.map(({ connection }) => connection).join(' and ');
  return new SidestepError('AMBIGUOUS_DOMAIN', `Domain "${name}" is in ${uris}.`, {
    outcome: 'refused',
    hint: 'Say which with --connect.',
  });
}

function notRunning({ name, connection }: LibvirtDomainOverview): SidestepError {
  return new SidestepError('NOT_RUNNING', `Domain "${name}" (${connection}) does not run.`, {
    outcome: 'refused',
    hint: 'Start it with `virsh start`.',
  });
}
