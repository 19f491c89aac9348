/** A host, as the row at the top of all that it has. */
import type { FoundEmulator } from '../../engine/emulators/catalog';
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type { DomainOverview, HostOverview } from '../../engine/inventory/overview';
import type { TraceFile } from '../../engine/inventory/traces';
import type { HostStatus, ViewedHost } from '../hosts';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Icon, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import { domainBranch } from './domains';
import { emulatorsBranch } from './emulators';
import type { HostNode } from './node';
import { disconnected, failure, note } from './notes';
import { tracesBranch } from './traces';

/** What has been read of a host. */
export interface HostContent {
  readonly overview: Part<HostOverview>;
  /** By the domain's UUID. */
  readonly holdings: ReadonlyMap<string, Part<DomainHoldings>>;
  readonly emulators: Part<readonly FoundEmulator[]>;
  readonly traces: Part<readonly TraceFile[]>;
}

export const nothingRead: HostContent = {
  overview: undefined,
  holdings: new Map(),
  emulators: undefined,
  traces: undefined,
};

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
      ? domainCount(content.overview.value.domains.length, words)
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

function contentOf(
  node: HostNode,
  { overview, holdings, emulators, traces }: HostContent,
  words: Words,
): Branch['children'] {
  const { hostId } = node;
  if (overview === undefined) return 'not loaded';
  if (overview.state === 'failed') return [failure(node, overview.error, 'refresh', words)];
  const { domains } = overview.value;
  const underWay = new Set(domains.flatMap(({ migration }) => migration?.tracePath ?? []));
  return [
    ...(domains.length === 0
      ? [note(node, 'empty', words.t('No domains. Start one, or adopt a QEMU that runs.'))]
      : inOrder(domains).map((each) =>
          domainBranch(hostId, each, holdings.get(each.domain.uuid), words),
        )),
    emulatorsBranch(hostId, emulators, words),
    tracesBranch(hostId, { count: overview.value.traces.length, underWay }, traces, words),
  ];
}

/** By name, not by id: each migration gives a domain another one, and its row would jump. */
function inOrder(domains: readonly DomainOverview[]): DomainOverview[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return [...domains].sort(
    ({ domain: one }, { domain: other }) =>
      compare(one.name, other.name) || compare(one.uuid, other.uuid),
  );
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
