/** A host, as the row at the top of all that it has. */
import type { FoundEmulator } from '../../engine/emulators/catalog';
import type { DomainHoldings } from '../../engine/inventory/holdings';
import {
  libvirtsAlone,
  type LibvirtDomainOverview,
  type LibvirtOverview,
} from '../../engine/inventory/libvirt-overview';
import type { HostOverview } from '../../engine/inventory/overview';
import type { TraceFile } from '../../engine/inventory/traces';
import type { HostStatus, ViewedHost } from '../hosts';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Icon, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import { domainBranch } from './domains';
import { emulatorsBranch } from './emulators';
import { libvirtDomainBranch } from './libvirt-domains';
import type { HostNode } from './node';
import { disconnected, failure, note } from './notes';
import { tracesBranch } from './traces';

/** What has been read of a host. */
export interface HostContent {
  readonly overview: Part<HostOverview>;
  readonly libvirt: Part<LibvirtOverview>;
  /** By `holdingsKey`. */
  readonly holdings: ReadonlyMap<string, Part<DomainHoldings>>;
  readonly emulators: Part<readonly FoundEmulator[]>;
  readonly traces: Part<readonly TraceFile[]>;
}

export const nothingRead: HostContent = {
  overview: undefined,
  libvirt: undefined,
  holdings: new Map(),
  emulators: undefined,
  traces: undefined,
};

/** A libvirt may have a domain with the UUID of one of the engine's. */
export function holdingsKey(uuid: string, connection?: string): string {
  return connection === undefined ? uuid : `${uuid} ${connection}`;
}

/** Those that are shown as libvirt's. */
export function libvirtDomains({
  overview,
  libvirt,
}: Pick<HostContent, 'overview' | 'libvirt'>): LibvirtDomainOverview[] {
  if (overview?.state !== 'loaded' || libvirt?.state !== 'loaded') return [];
  return libvirtsAlone(libvirt.value, overview.value.domains);
}

export type HostFacts = Pick<ViewedHost, 'id' | 'label' | 'destination' | 'status'>;

export function hostBranch(host: HostFacts, content: HostContent, words: Words): Branch {
  const { t } = words;
  const { id, status } = host;
  const node: HostNode = { kind: 'host', hostId: id };
  const isLocal = host.destination === undefined;
  const label = labelText(host.label);
  const destination = host.destination === undefined ? undefined : labelText(host.destination);
  const state = stateText(status, words);
  const count =
    status.state === 'connected' && content.overview?.state === 'loaded'
      ? domainCount(content.overview.value.domains.length + libvirtDomains(content).length, words)
      : undefined;
  return {
    node,
    look: {
      label,
      description: joined(state, count, destination === label ? undefined : destination),
      tooltip: lines(
        tooltipText(host.label),
        host.destination === undefined ? undefined : tooltipText(host.destination),
        state,
      ),
      icon: iconOf(status, isLocal),
      contextValue: contextValue('host', isLocal ? 'local' : 'ssh', status.state),
      accessibilityLabel: spoken(t('Host {0}', label), state, count, destination),
    },
    children: childrenOf(node, status, content, words),
    isOpen: true,
  };
}

function childrenOf(
  node: HostNode,
  status: HostStatus,
  content: HostContent,
  words: Words,
): Branch['children'] {
  const { t } = words;
  switch (status.state) {
    case 'disconnected':
      return [disconnected(node, words)];
    case 'connecting':
      return [note(node, 'loading', t('Connecting…'))];
    case 'failed':
      return [failure(node, status.error, 'connect', words)];
    case 'reconnecting':
      return [failure(node, status.error, 'connect', words)];
    case 'connected':
      return contentOf(node, content, words);
  }
}

function contentOf(node: HostNode, content: HostContent, words: Words): Branch['children'] {
  const { hostId } = node;
  const { overview, emulators, traces } = content;
  if (overview === undefined) return 'not loaded';
  if (overview.state === 'failed') return [failure(node, overview.error, 'refresh', words)];
  const { domains } = overview.value;
  const underWay = new Set(domains.flatMap(({ migration }) => migration?.tracePath ?? []));
  const rows = domainBranches(hostId, content, words);
  const failures = libvirtFailures(node, content.libvirt, words);
  return [
    ...(rows.length + failures.length === 0 ? [noDomains(node, content.libvirt, words)] : rows),
    ...failures,
    emulatorsBranch(hostId, emulators, words),
    tracesBranch(hostId, { count: overview.value.traces.length, underWay }, traces, words),
  ];
}

/** By name, not by id: each migration gives a domain another one, and its row would jump. */
function domainBranches(hostId: string, content: HostContent, words: Words): Branch[] {
  const { overview, holdings } = content;
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  const own = overview?.state === 'loaded' ? overview.value.domains : [];
  return [
    ...own.map((each) => {
      const { name, uuid } = each.domain;
      const held = holdings.get(holdingsKey(uuid));
      return { name, uuid, branch: domainBranch(hostId, each, held, words) };
    }),
    ...libvirtDomains(content).map((each) => {
      const { name, uuid, connection } = each;
      const held = holdings.get(holdingsKey(uuid, connection));
      return { name, uuid, branch: libvirtDomainBranch(hostId, each, held, words) };
    }),
  ]
    .sort((one, other) => compare(one.name, other.name) || compare(one.uuid, other.uuid))
    .map(({ branch }) => branch);
}

/** Why the domains of a libvirt are not there; the others are. */
function libvirtFailures(node: HostNode, libvirt: Part<LibvirtOverview>, words: Words): Branch[] {
  if (libvirt === undefined) return [];
  if (libvirt.state === 'failed') {
    return [failure(node, libvirt.error, 'refresh', words, 'qemu:///system')];
  }
  return libvirt.value.flatMap(({ uri, error }) =>
    error === undefined ? [] : [failure(node, error, 'refresh', words, uri)],
  );
}

function noDomains(node: HostNode, libvirt: Part<LibvirtOverview>, { t }: Words): Branch {
  return libvirt === undefined
    ? note(node, 'loading', t('Looking for domains of libvirt…'))
    : note(node, 'empty', t('No domains. Start one, or adopt a QEMU that runs.'));
}

function domainCount(count: number, { t }: Words): string {
  return count === 1 ? t('1 domain') : t('{0} domains', count);
}

function stateText(status: HostStatus, { t }: Words): string | undefined {
  switch (status.state) {
    case 'connected':
      return undefined;
    case 'disconnected':
      return t('not connected');
    case 'connecting':
      return t('connecting');
    case 'reconnecting':
      return t('connection lost, try {0}', status.attempt);
    case 'failed':
      return t('failed');
  }
}

function iconOf({ state }: HostStatus, isLocal: boolean): Icon {
  switch (state) {
    case 'connecting':
    case 'reconnecting':
      return { id: 'sync~spin' };
    case 'failed':
      return { id: 'error', color: 'problemsErrorIcon.foreground' };
    case 'disconnected':
      return { id: isLocal ? 'device-desktop' : 'remote', color: 'disabledForeground' };
    case 'connected':
      return { id: isLocal ? 'device-desktop' : 'remote' };
  }
}
