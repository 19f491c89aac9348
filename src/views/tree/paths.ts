/** What an instance holds on the host, as rows. */
import { groupOf, holdingGroups, type HoldingGroup } from '../../engine/inventory/holding-groups';
import type { Holding, InstanceHoldings } from '../../engine/inventory/holdings';
import type { ResourceAction, ResourceKind } from '../../engine/plan/plan';
import type { NamedBy } from '../../libvirt/own-paths';
import { nameAndFolder, tooltipText } from '../text';
import { joined, lines, spoken, type Branch, type Icon, type Words } from './branch';
import { contextValue } from './context-values';
import { idOf, type InstanceNode, type PathGroupNode, type PathNode } from './node';
import { leaf } from './notes';

/** An instance's paths, in groups; those with nothing in them are left out. */
export function pathGroupsOf(
  instance: InstanceNode,
  held: InstanceHoldings,
  words: Words,
): Branch[] {
  const { hostId, connection, uuid, instanceId } = instance;
  const all = [...ownPaths(held, words), ...held.resources];
  return holdingGroups.flatMap((group) => {
    const members = all.filter((holding) => groupOf(holding) === group);
    if (members.length === 0) return [];
    const node: PathGroupNode = {
      ...{ kind: 'path-group', hostId, uuid, instanceId, group },
      ...(connection && { connection }),
    };
    return groupBranch(node, paths(instance, group, members, words), words);
  });
}

function groupBranch(node: PathGroupNode, children: readonly Branch[], words: Words): Branch {
  const label = groupName(node.group, words);
  const count = String(children.length);
  return {
    node,
    look: {
      label,
      description: count,
      tooltip: label,
      icon: groupIcons[node.group],
      contextValue: contextValue('path-group'),
      accessibilityLabel: spoken(label, count),
    },
    children,
    isOpen: false,
  };
}

/** Files and sockets of the engine's own, which no command line of the owner's names. */
function ownPaths({ folder, monitor, console, output }: InstanceHoldings, { t }: Words): Holding[] {
  const own = (kind: Holding['kind'], address: string, reason: string): Holding => {
    return { kind, option: 'Sidestep', address, action: 'unique', reason, target: undefined };
  };
  return [
    ...(monitor?.startsWith(`${folder}/`) === true
      ? [own('monitor', monitor, t('Sidestep’s own monitor of this instance.'))]
      : []),
    ...(console === undefined
      ? []
      : [own('monitor', console, t('A monitor for your own QMP commands.'))]),
    ...(output === undefined ? [] : [own('log', output, t('What QEMU prints.'))]),
  ];
}

function paths(
  instance: InstanceNode,
  group: HoldingGroup,
  holdings: readonly Holding[],
  words: Words,
): Branch[] {
  const branches = holdings.map((holding) => pathBranch(instance, group, holding, words));
  // The same path may be named twice by the same option.
  return [...new Map(branches.map((branch) => [idOf(branch.node), branch])).values()];
}

function pathBranch(
  { hostId, connection, uuid, name, instanceId }: InstanceNode,
  group: HoldingGroup,
  holding: Holding,
  words: Words,
): Branch {
  const { option, address, action, reason, target, namedBy } = holding;
  const { t } = words;
  const node: PathNode = {
    ...{ kind: 'path', hostId, uuid, name, instanceId },
    ...{ group, option, address },
    ...(connection && { connection }),
  };
  const { name: fileName, folder } = nameAndFolder(address);
  // What begins with its domain's UUID is told apart by what comes behind it.
  const label = fileName.replace(uuid, `${uuid.slice(0, 4)}…`);
  const fate = fates[action];
  const { word, sentence } = fateText(action, words);
  const place = placeOf(holding);
  const naming = namedBy && namingText(namedBy, words);
  return leaf(node, {
    label,
    description: joined(word, naming, folder),
    tooltip: lines(
      tooltipText(address),
      t('Named by: {0}', tooltipText(option)),
      naming === undefined ? undefined : t('libvirt names it {0}', naming),
      joined(word, sentence),
      tooltipText(reason),
      target === undefined || target === address
        ? undefined
        : t('At the target: {0}', tooltipText(target)),
    ),
    icon: fate.icon,
    contextValue: contextValue('path', place, fate.word, group),
    accessibilityLabel: spoken(fileName, word, sentence, naming, folder),
  });
}

/** How libvirt names a path that it has chosen: what tells it from those of others. */
function namingText(namedBy: NamedBy, { t }: Words): string {
  switch (namedBy) {
    case 'id':
      return t('by instance id');
    case 'name':
      return t('by domain name only');
    case 'uuid':
      return t('by domain UUID only');
  }
}

/** What a path or address is, as far as it can be told without asking the host. */
type Place = 'file' | 'socket' | 'address' | 'other';

function placeOf({ kind, address, action }: Holding): Place {
  if (!address.startsWith('/')) return /:\d+\b/.test(address) ? 'address' : 'other';
  if (address.startsWith('/dev/') && !address.startsWith('/dev/shm/')) return 'other';
  // What is written to in turn is a file: two cannot listen at one path.
  const isListener = listenerKinds.has(kind) && action !== 'share';
  return isListener ? 'socket' : 'file';
}

const listenerKinds: ReadonlySet<ResourceKind> = new Set([
  'monitor',
  'chardev',
  'gdbstub',
  'display',
  'network',
]);

const fates: Readonly<Record<ResourceAction, { readonly word: string; readonly icon: Icon }>> = {
  share: { word: 'shared', icon: { id: 'link', color: 'charts.blue' } },
  unique: { word: 'unique', icon: { id: 'split-horizontal', color: 'charts.green' } },
  'take-back': { word: 'taken-back', icon: { id: 'arrow-swap', color: 'charts.yellow' } },
  pin: { word: 'unique', icon: { id: 'pin', color: 'charts.green' } },
  drop: { word: 'left-out', icon: { id: 'circle-slash' } },
  refuse: { word: 'refused', icon: { id: 'error', color: 'problemsErrorIcon.foreground' } },
};

function fateText(action: ResourceAction, { t }: Words): { word: string; sentence: string } {
  switch (action) {
    case 'share':
      return { word: t('shared'), sentence: t('source and target use the same') };
    case 'unique':
      return { word: t('unique'), sentence: t('the target gets its own') };
    case 'take-back':
      return { word: t('given back'), sentence: t('the target takes it over in the end') };
    case 'pin':
      return { word: t('pinned'), sentence: t('written out for the target') };
    case 'drop':
      return { word: t('left out'), sentence: t('the target starts without it') };
    case 'refuse':
      return { word: t('refused'), sentence: t('stands in the way of a migration') };
  }
}

function groupName(group: HoldingGroup, { t }: Words): string {
  switch (group) {
    case 'monitors':
      return t('Monitors');
    case 'chardevs':
      return t('Character devices');
    case 'logs':
      return t('Logs');
    case 'ram':
      return t('RAM');
    case 'disks':
      return t('Disks');
    case 'firmware':
      return t('Firmware');
    case 'network':
      return t('Network');
    case 'display':
      return t('Display');
    case 'other':
      return t('Other');
  }
}

const groupIcons: Readonly<Record<HoldingGroup, Icon>> = {
  monitors: { id: 'terminal' },
  chardevs: { id: 'plug' },
  logs: { id: 'output' },
  ram: { id: 'circuit-board' },
  disks: { id: 'database' },
  firmware: { id: 'file-binary' },
  network: { id: 'globe' },
  display: { id: 'device-desktop' },
  other: { id: 'ellipsis' },
};
