/** When the tree gives way to a welcome, which package.json has the text of (`viewsWelcome`). */
import type { HostStatus } from '../hosts';

/** Set as the context key `sidestep.welcome`. */
export type Welcome =
  /** There are hosts to be shown. */
  | 'none'
  /** This machine cannot run VMs, and there is no other host. */
  | 'noHost'
  /** There is only this machine, and the user has disconnected it. */
  | 'disconnected'
  /** Until the user trusts the workspace, no host is touched. */
  | 'untrusted';

export const welcomeKey = 'sidestep.welcome';

interface Host {
  readonly destination: string | undefined;
  readonly status: HostStatus;
}

export function welcomeFor(hosts: readonly Host[], isTrusted: boolean): Welcome {
  if (!isTrusted) return 'untrusted';
  const others = hosts.filter(({ destination }) => destination !== undefined);
  if (others.length > 0) return 'none';
  const [local] = hosts;
  if (local === undefined || cannotRunVms(local.status)) return 'noHost';
  return local.status.state === 'disconnected' ? 'disconnected' : 'none';
}

/** Whether it is a machine that VMs do not run on, such as a Mac. */
export function cannotRunVms(status: HostStatus): boolean {
  const { state } = status;
  if (state !== 'failed') return false;
  const { error } = status;
  return error instanceof Error && 'code' in error && error.code === 'NOT_LINUX';
}
