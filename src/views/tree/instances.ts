/** An instance as a row, whoever runs it. */
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type { Micros } from '../../host/host';
import { tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import type { InstanceNode } from './node';
import { failure } from './notes';
import { pathGroupsOf } from './paths';

export interface ShownInstance {
  readonly node: InstanceNode;
  readonly role: 'source' | 'target';
  readonly alive: boolean;
  readonly pid: number | undefined;
  readonly startedAt: Micros | undefined;
  /** As it was started. */
  readonly emulator: string;
  readonly version: string | undefined;
  /** While a migration is under way, the row says which of the two it is. */
  readonly migrating: boolean;
}

export function instanceBranch(
  instance: ShownInstance,
  holdings: Part<DomainHoldings>,
  words: Words,
): Branch {
  const { t } = words;
  const { node, role, alive, pid, startedAt, emulator, version, migrating } = instance;
  const label = t('Instance #{0}', node.instanceId);
  const roleText = role === 'source' ? t('source') : t('target');
  const pidText = pid === undefined ? undefined : t('pid {0}', String(pid));
  const ended = alive ? undefined : t('its process has ended');
  const since = (time: Words['time']) =>
    !alive || startedAt === undefined ? undefined : t('since {0}', time(startedAt));
  const shown = [migrating ? roleText : undefined, ended, pidText, since(words.shortTime)];
  return {
    node,
    look: {
      label,
      description: joined(...shown),
      tooltip: lines(
        joined(label, roleText),
        t('Emulator: {0}', tooltipText(emulator)),
        version === undefined ? undefined : t('QEMU {0}', tooltipText(version)),
        joined(ended, pidText, since(words.time)),
      ),
      icon: alive
        ? { id: 'server-process', ...(role === 'target' && { color: 'charts.blue' }) }
        : { id: 'error', color: 'problemsErrorIcon.foreground' },
      contextValue: contextValue(
        ...['instance', role, alive ? 'alive' : 'gone'],
        ...(node.connection === undefined ? [] : ['libvirt']),
      ),
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
