/**
 * libvirt's numbers for a domain's state and the reason for it (virDomainState and the enums after it
 * in libvirt-domain.h, which are only ever added to), in the words of `virsh domstate --reason`.
 */

const states = [
  ['no state', []],
  [
    'running',
    [
      ...['booted', 'migrated', 'restored', 'from snapshot', 'unpaused', 'migration canceled'],
      ...['save canceled', 'event wakeup', 'crashed', 'post-copy', 'post-copy failed'],
    ],
  ],
  ['idle', []],
  [
    'paused',
    [
      ...['user', 'migrating', 'saving', 'dumping', 'I/O error', 'watchdog', 'from snapshot'],
      ...['shutting down', 'creating snapshot', 'crashed', 'starting up', 'post-copy'],
      ...['post-copy failed', 'api error'],
    ],
  ],
  ['in shutdown', ['user']],
  [
    'shut off',
    ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot', 'daemon'],
  ],
  ['crashed', ['panicked']],
  ['pmsuspended', []],
] as const satisfies readonly (readonly [string, readonly string[]])[];

export type LibvirtState = (typeof states)[number][0];

export interface StateWithReason {
  readonly state: LibvirtState;
  /** Undefined where libvirt does not know, or has a reason that we do not. */
  readonly reason: string | undefined;
}

export function domainState(state: number, reason: number): StateWithReason {
  const [word, reasons]: readonly [LibvirtState, readonly string[]] = states[state] ?? states[0];
  // Zero is "unknown" for each of them.
  return { state: word, reason: reasons[reason - 1] };
}
