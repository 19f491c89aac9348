/** The plan of a domain's migration, whoever runs it. */
import type { LibvirtDomainOverview } from '../../engine/inventory/libvirt-overview';
import type { Plan } from '../../engine/plan/plan';
import type { UpgradeWish } from '../moves/upgrade';
import type { DomainSubject } from './subjects';

/** Which domains can be moved: as `Question` has it. */
export const movable = {
  states: ['running', 'paused'],
  libvirt: ({ state }: LibvirtDomainOverview) => state === 'running' || state === 'paused',
} as const;

/** Nothing is done by it. Whether it is to stay matters for a domain of libvirt's only. */
export function planOf(
  { engine, uuid, connection }: DomainSubject,
  { emulator, mode, stay }: UpgradeWish,
  signal: AbortSignal,
): Promise<Plan> {
  return connection === undefined
    ? engine.plan({ domain: uuid, emulator, mode }, signal)
    : engine.planUpgrade({ uri: connection, domain: uuid }, { emulator, mode, stay }, signal);
}
