/** How a view groups what an instance holds. Apart from how that is found out, which takes a plan. */
import type { Holding } from './holdings';
import type { ResourceKind } from '../plan/plan';

/** In the order in which they are shown. */
export const holdingGroups = [
  'monitors',
  'chardevs',
  'logs',
  'ram',
  'disks',
  'firmware',
  'network',
  'display',
  'other',
] as const;
export type HoldingGroup = (typeof holdingGroups)[number];

const groups: Readonly<Partial<Record<ResourceKind, HoldingGroup>>> = {
  monitor: 'monitors',
  gdbstub: 'monitors',
  chardev: 'chardevs',
  log: 'logs',
  pidfile: 'logs',
  ram: 'ram',
  disk: 'disks',
  firmware: 'firmware',
  network: 'network',
  display: 'display',
};

export function groupOf({ kind }: Pick<Holding, 'kind'>): HoldingGroup {
  return groups[kind] ?? 'other';
}
