/** libvirt's domains, as rows beside the engine's own. */
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type { LibvirtDomainOverview } from '../../engine/inventory/libvirt-overview';
import type { RunningEmulator } from '../../engine/inventory/running-emulators';
import type { LibvirtState } from '../../libvirt/inventory/domain-state';
import { labelText, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Icon, type Part, type Words } from './branch';
import { contextValue } from './context-values';
import { instanceBranch } from './instances';
import type { DomainNode, InstanceNode } from './node';
import { leaf, noteNode } from './notes';

export function libvirtDomainBranch(
  hostId: string,
  domain: LibvirtDomainOverview,
  holdings: Part<DomainHoldings>,
  words: Words,
): Branch {
  const { t } = words;
  const { connection, uuid, name, state, reason, instance } = domain;
  const { persistent, autostart, managedSave } = domain;
  const node: DomainNode = { kind: 'domain', hostId, connection, uuid, name };
  const label = labelText(name);
  const stateWords = stateText(state, words);
  const version = instance?.emulator.version?.version;
  const qemu = version === undefined ? undefined : `QEMU ${labelText(version, 20)}`;
  const outdated = instance && outdatedText(instance.emulator, words);
  const runBy = t('Run by libvirt, {0}', connection);
  return {
    node,
    look: {
      label,
      description: joined(stateWords, qemu, outdated?.short, runnerText(connection)),
      tooltip: lines(
        tooltipText(name),
        t('UUID: {0}', uuid),
        reason === undefined
          ? t('State: {0}', stateWords)
          : t('State: {0} ({1})', stateWords, tooltipText(reason)),
        qemu,
        outdated?.sentence,
        runBy,
        persistent ? undefined : t('Transient: its definition goes when it is shut off'),
        autostart ? t('Starts with the host') : undefined,
        managedSave ? t('Its next start goes on from a saved image (managed save)') : undefined,
      ),
      icon: icons[state],
      contextValue: contextValue(
        ...['domain', state, 'libvirt', persistent ? 'persistent' : 'transient'],
        outdated === undefined ? 'current' : 'outdated',
      ),
      accessibilityLabel: spoken(
        ...[t('Domain {0}', label), stateWords, qemu, outdated?.sentence, runBy],
      ),
    },
    children: instance && [
      ...(outdated === undefined ? [] : [outdatedNote(node, outdated)]),
      instanceBranch(
        {
          node: instanceNode(node, instance.id),
          ...{ role: 'source', alive: true, migrating: false, version },
          pid: instance.process.pid,
          startedAt: instance.process.startedAt,
          emulator: instance.emulator.path,
        },
        holdings,
        words,
      ),
    ],
    isOpen: false,
  };
}

function instanceNode({ hostId, connection, uuid, name }: DomainNode, id: number): InstanceNode {
  return {
    ...{ kind: 'instance', hostId, uuid, name, instanceId: id },
    ...(connection && { connection }),
  };
}

/** Whether another QEMU is installed in the place of the one that a domain runs. */
export function isOutdated({ instance }: LibvirtDomainOverview): boolean {
  return instance?.emulator.installed !== undefined;
}

interface Outdated {
  readonly short: string;
  readonly sentence: string;
}

function outdatedText({ version, installed }: RunningEmulator, { t }: Words): Outdated | undefined {
  if (installed === undefined) return undefined;
  // A security fix often is another package of the same version.
  const tells = version?.version === installed.version ? 'package' : 'version';
  const runs = version === undefined ? t('an unknown version') : labelText(version[tells]);
  const now = labelText(installed[tells]);
  return {
    short: tells === 'version' ? t('{0} is installed', now) : t('another build is installed'),
    sentence: t('Runs QEMU {0}, installed is {1}: can be upgraded live', runs, now),
  };
}

function outdatedNote(parent: DomainNode, { sentence }: Outdated): Branch {
  return leaf(noteNode(parent, 'outdated'), {
    label: sentence,
    description: '',
    tooltip: sentence,
    icon: { id: 'arrow-circle-up', color: 'charts.yellow' },
    contextValue: contextValue('note', 'outdated'),
    accessibilityLabel: sentence,
  });
}

/** The row has little room: the system's libvirt is the ordinary one. */
function runnerText(connection: string): string {
  return connection === 'qemu:///system' ? 'libvirt' : `libvirt ${connection}`;
}

function stateText(state: LibvirtState, { t }: Words): string {
  switch (state) {
    case 'no state':
      return t('no state');
    case 'running':
      return t('running');
    case 'idle':
      return t('idle');
    case 'paused':
      return t('paused');
    case 'in shutdown':
      return t('in shutdown');
    case 'shut off':
      return t('shut off');
    case 'crashed':
      return t('crashed');
    case 'pmsuspended':
      return t('suspended by the guest');
  }
}

const unclear: Icon = { id: 'question', color: 'problemsWarningIcon.foreground' };

const icons: Readonly<Record<LibvirtState, Icon>> = {
  'no state': unclear,
  running: { id: 'vm-running', color: 'charts.green' },
  idle: { id: 'vm-running', color: 'charts.green' },
  paused: { id: 'debug-pause', color: 'charts.yellow' },
  'in shutdown': { id: 'vm-outline' },
  'shut off': { id: 'vm-outline', color: 'disabledForeground' },
  crashed: { id: 'warning', color: 'problemsWarningIcon.foreground' },
  pmsuspended: { id: 'debug-pause', color: 'charts.yellow' },
};
