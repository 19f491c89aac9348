/** Domains and their instances, as rows. */
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type { DomainOverview, InstanceOverview } from '../../engine/inventory/overview';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Icon, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import type { DomainNode, InstanceNode } from './node';
import { failure } from './notes';
import { pathGroupsOf } from './paths';

export function domainBranch(
  hostId: string,
  { domain, state, instances, migration }: DomainOverview,
  holdings: Part<DomainHoldings>,
  words: Words,
): Branch {
  const { t } = words;
  const { uuid } = domain;
  const node: DomainNode = { kind: 'domain', hostId, uuid, name: domain.name };
  const [source, target] = instances;
  const name = labelText(domain.name);
  const stateWords = stateText(state, words);
  const versions = versionsText(source, target);
  const qemu = versions === undefined ? undefined : `QEMU ${versions}`;
  return {
    node,
    look: {
      label: name,
      // Of two versions the row has no room for more.
      description: joined(stateWords, target === undefined ? qemu : versions),
      tooltip: lines(
        tooltipText(domain.name),
        t('UUID: {0}', uuid),
        t('State: {0}', stateWords),
        qemu,
        t('Run by Sidestep'),
        explanation(state, words),
      ),
      icon: iconOf(state),
      contextValue: contextValue('domain', state.replaceAll('-', '_'), 'own'),
      accessibilityLabel: spoken(t('Domain {0}', name), stateWords, qemu, t('Run by Sidestep')),
    },
    children: instances.map((instance) =>
      instanceBranch(node, instance, { migrating: migration !== undefined, holdings }, words),
    ),
    isOpen: false,
  };
}

function instanceBranch(
  { hostId, uuid, name }: DomainNode,
  { instance, role, alive, startedAt }: InstanceOverview,
  { migrating, holdings }: { readonly migrating: boolean; readonly holdings: Part<DomainHoldings> },
  words: Words,
): Branch {
  const { t } = words;
  const node: InstanceNode = { kind: 'instance', hostId, uuid, name, instanceId: instance.id };
  const label = t('Instance #{0}', instance.id);
  const roleText = role === 'source' ? t('source') : t('target');
  const pid =
    instance.process === undefined ? undefined : t('pid {0}', String(instance.process.pid));
  const ended = alive ? undefined : t('its process has ended');
  const since = (time: Words['time']) =>
    !alive || startedAt === undefined ? undefined : t('since {0}', time(startedAt));
  const shown = [migrating ? roleText : undefined, ended, pid, since(words.shortTime)];
  return {
    node,
    look: {
      label,
      description: joined(...shown),
      tooltip: lines(
        joined(label, roleText),
        t('Emulator: {0}', tooltipText(instance.emulator)),
        instance.version === undefined ? undefined : t('QEMU {0}', tooltipText(instance.version)),
        joined(ended, pid, since(words.time)),
      ),
      icon: alive
        ? { id: 'server-process', ...(role === 'target' && { color: 'charts.blue' }) }
        : { id: 'error', color: 'problemsErrorIcon.foreground' },
      contextValue: contextValue('instance', role, alive ? 'alive' : 'gone'),
      ...(startedAt !== undefined && { startedAt }),
      accessibilityLabel: spoken(label, ...shown),
    },
    children: pathsOf(node, holdings, words),
    isOpen: false,
  };
}

function pathsOf(
  node: InstanceNode,
  holdings: Part<DomainHoldings>,
  words: Words,
): Branch['children'] {
  if (holdings === undefined) return 'not loaded';
  if (holdings.state === 'failed') return [failure(node, holdings.error, 'refresh', words)];
  const held = holdings.value.instances.find(({ id }) => id === node.instanceId);
  // One that has come or gone since: its domain is about to be read again.
  return held === undefined ? [] : pathGroupsOf(node, held, words);
}

function stateText(state: string, { t }: Words): string {
  switch (state) {
    case 'migrating':
      // Its phase is the timeline's to tell: nothing tells the tree when another begins.
      return t('migrating');
    case 'running':
      return t('running');
    case 'paused':
      return t('paused');
    case 'gone':
      return t('its process has ended');
    case 'busy':
      return t('its monitor is taken');
    case 'unreachable':
      return t('no monitor');
    case 'unknown':
      return t('unknown state');
    default:
      // QEMU's own word.
      return labelText(state);
  }
}

function explanation(state: string, { t }: Words): string | undefined {
  switch (state) {
    case 'busy':
      return t('Another client holds its monitor, or QEMU does not answer.');
    case 'unreachable':
      return t('Nobody listens on its monitor’s path.');
    case 'gone':
      return t('Destroy the domain to remove what is left of it.');
    default:
      return undefined;
  }
}

/** `7.2.22`, and while it is migrated `7.2.22 → 10.0.13`. */
function versionsText(
  source: InstanceOverview | undefined,
  target: InstanceOverview | undefined,
): string | undefined {
  const from = source?.instance.version;
  const to = target?.instance.version;
  if (from === undefined) return undefined;
  return labelText(to === undefined ? from : `${from} → ${to}`, 30);
}

function iconOf(state: string): Icon {
  switch (state) {
    case 'running':
      return { id: 'vm-running', color: 'charts.green' };
    case 'migrating':
      return { id: 'vm-connect', color: 'charts.blue' };
    case 'gone':
      return { id: 'error', color: 'problemsErrorIcon.foreground' };
    case 'busy':
    case 'unreachable':
    case 'unknown':
      return { id: 'question', color: 'problemsWarningIcon.foreground' };
    case 'paused':
      return { id: 'debug-pause', color: 'charts.yellow' };
    case 'internal-error':
    case 'io-error':
    case 'guest-panicked':
      return { id: 'warning', color: 'problemsWarningIcon.foreground' };
    default:
      return { id: 'vm-outline' };
  }
}
