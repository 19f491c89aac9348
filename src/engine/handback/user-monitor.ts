import { openConsole } from '../console';
import { asSidestepError, SidestepError } from '../errors';
import { hasConsole } from '../inventory/holdings';
import type { Handback } from './handback';

/** The monitor that is left to the user: the pipe's descriptor has to go through it, for ours is a stream. */
export function userMonitor({ state, sourceInstance, domain }: Handback): string {
  if (hasConsole(sourceInstance)) return state.instancePaths(sourceInstance.id, domain).console;
  throw new SidestepError(
    'NO_CONSOLE',
    `Instance ${sourceInstance.id} has no second QMP monitor, through which it would be given the way to libvirt.`,
    {
      instance: sourceInstance.id,
      outcome: 'refused',
      hint: 'Migrate it locally first: the instance that it comes to has one.',
    },
  );
}

/**
 * A monitor takes one client at a time: while a console is open, the pipe could not be given.
 * @throws SidestepError `MONITOR_BUSY`, `MONITOR_UNREACHABLE`
 */
export async function checkUserMonitor(h: Handback): Promise<void> {
  userMonitor(h);
  const { state, domain, sourceInstance: instance, signal } = h;
  try {
    const session = await openConsole(state, { domain, instance }, () => undefined, signal);
    session.dispose();
  } catch (error) {
    signal.throwIfAborted();
    throw asSidestepError(error).with({ outcome: 'refused' });
  }
}
