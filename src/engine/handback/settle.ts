/**
 * Where the guest is when a hand-back to libvirt has not gone its way. A pure decision from what both
 * sides, and libvirt's own word, say; docs/reliability.md has it as a table.
 */

export interface HandbackEvidence {
  readonly migrateSent: boolean;
  readonly source: {
    readonly alive: boolean;
    /** QEMU's RunState; undefined if it cannot be asked. */
    readonly runState: string | undefined;
    readonly isMigrating: boolean;
  };
  /** How `virsh restore` ended, if it has; undefined while it is under way. */
  readonly restore: { readonly succeeded: boolean } | undefined;
  /** libvirt's QEMU, if it lives: its RunState as far as it can be asked. */
  readonly target: { readonly runState: string | undefined } | undefined;
}

export type HandbackDecision =
  /** The guest runs, or stands, at the source. */
  | 'stays'
  /** It is libvirt's. */
  | 'moved'
  | 'lost'
  /** Ask again after a while. */
  | 'wait'
  /** Have the source give up what it is at. */
  | 'cancel'
  /** End libvirt's QEMU, which never ran the guest, and have the source go on. */
  | 'take-back';

export function decideHandback({
  migrateSent,
  source,
  restore,
  target,
}: HandbackEvidence): HandbackDecision {
  if (target?.runState === 'running' || restore?.succeeded === true) return 'moved';
  if (!migrateSent) return source.alive ? 'stays' : 'lost';
  if (!source.alive) return restore === undefined || target !== undefined ? 'wait' : 'lost';
  if (source.runState === undefined) return 'wait';
  if (source.runState === 'running') return source.isMigrating ? 'cancel' : 'stays';
  // It stands still: all that it had may have been written, and read.
  if (restore === undefined) return 'wait';
  // libvirt has given up, and lets no QEMU run that it has given up: but it may itself have ended.
  if (target !== undefined && target.runState === undefined) return 'wait';
  return 'take-back';
}
