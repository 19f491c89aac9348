/**
 * Where the guest is, and what to do about it, when a migration has not gone its way. A pure
 * function from what both instances say to the next thing to do; `settler.ts` asks and does.
 */
import { isInterrupted, isPostcopy } from '../../qemu/migration';
import type { Mode } from '../mode';

export interface SideEvidence {
  /** Whether the process lives. */
  readonly alive: boolean;
  /** QEMU's RunState; undefined if the monitor does not answer. */
  readonly runState: string | undefined;
  /** QEMU's MigrationStatus, likewise. */
  readonly migration: string | undefined;
}

export interface Evidence {
  /** Whether `migrate` may have been sent: before, the guest cannot have gone anywhere. */
  readonly migrateSent: boolean;
  /** Whether the target may have been told to listen: before, nothing of the guest is there. */
  readonly channelOpened: boolean;
  /** How long QEMU has had, since things went wrong, to settle them by itself. */
  readonly waitedMs: number;
  readonly mode: Mode | undefined;
  /** Whether somebody has listened to the target all along: else one that is gone may have run. */
  readonly watched: boolean;
  /** Whether the guest ran when the migration began: one that was paused stays so. */
  readonly guestRan: boolean;
  readonly source: SideEvidence;
  /** Undefined when no target was started. */
  readonly target: (SideEvidence & { readonly everRan: boolean }) | undefined;
}

export type Decision =
  /** The guest runs (or is paused, as it was) at the source: what was begun is undone. */
  | 'stays'
  /** The guest runs at the target: what is left to do is done. */
  | 'moved'
  /** No process has the guest any more. */
  | 'lost'
  /** It cannot be told safely: both are left as they are, for the user. */
  | 'undecided'
  /** QEMU is still at it, before the switchover or without a target: its migration is to be cancelled. */
  | 'cancel-migration'
  /** QEMU is about to settle it by itself. */
  | 'wait'
  /** The guest runs at the target, and its RAM follows: that takes as long as it takes. */
  | 'let-follow'
  /** The same, and the channel is broken. */
  | 'mend-channel'
  /** The target never ran the guest and must not any more. */
  | 'kill-target'
  /** QEMU has set the source running again behind a guest that left it in postcopy. */
  | 'stop-source'
  /** The source has the only whole copy of the guest, and stands still. */
  | 'resume-source';

/** A target that answers its monitor takes up a connection within this, if there is one. */
const connectionMs = 1000;
/** What a source that is gone has sent lies in the channel's buffer, and is read long before this. */
const abandonedMs = 15_000;
/** A QEMU that is ending closes its monitor first; with much RAM it takes a while to be gone. */
const endingMs = 5000;

const ended = new Set([undefined, 'none', 'failed', 'cancelled', 'completed']);

export function decide(evidence: Evidence): Decision {
  const { source, target } = evidence;
  if (!evidence.migrateSent)
    return source.alive ? killFirst(target, 'stays') : killFirst(target, 'lost');
  if (!source.alive) return withoutSource(evidence);
  if (source.runState === undefined) return unanswered(evidence);
  if (source.runState === 'running') return sourceRuns(evidence);
  return isPostcopy(source.migration) ? inPostcopy(evidence) : sourceStandsStill(evidence);
}

/** Half of the guest's RAM is here, half there, and what it writes is there only. */
function inPostcopy({ source, target, waitedMs }: Evidence): Decision {
  if (target?.alive !== true) return 'lost';
  if (isInterrupted(source.migration)) return 'mend-channel';
  if (!isInterrupted(target.migration)) return 'let-follow';
  // A source before QEMU 8.2 that has sent all it had never learns of it: it cannot be mended there.
  return waitedMs < endingMs ? 'wait' : 'undecided';
}

/** Also where the event was missed: a monitor may have been connected anew. */
function hasRun({ everRan, runState }: NonNullable<Evidence['target']>): boolean {
  return everRan || runState === 'running';
}

/**
 * QEMU sets the guest running before it says that its migration is completed; where it could not (the
 * disks' locks are somebody else's) it leaves it in `paused` or, in later versions, `inmigrate`. Who has not
 * listened cannot tell this from a guest that ran and was paused by its owner.
 */
function willNotRun({ target, watched }: Evidence): boolean {
  return watched && target?.migration === 'completed' && target.runState !== undefined;
}

function killFirst(target: Evidence['target'], then: Decision): Decision {
  return target?.alive === true ? 'kill-target' : then;
}

/** The source ended after `migrate`: only a target that has all of the guest can go on. */
function withoutSource(evidence: Evidence): Decision {
  const { target, channelOpened, waitedMs } = evidence;
  if (target?.alive !== true) return 'lost';
  // What it has not got by now it never gets; it may still stand in memory for who wants to look.
  if (isPostcopy(target.migration)) return 'undecided';
  if (hasRun(target)) return 'moved';
  if (!channelOpened) return 'kill-target';
  if (target.runState === undefined) return unanswered(evidence);
  switch (target.migration) {
    case 'completed':
      return 'moved';
    case 'setup':
      return waitedMs < connectionMs ? 'wait' : 'kill-target';
    case 'active':
    case 'device':
      return waitedMs < abandonedMs ? 'wait' : 'kill-target';
    default:
      return 'kill-target';
  }
}

/** What cannot be told now may be told in a moment. */
function unanswered({ waitedMs }: Evidence): Decision {
  return waitedMs < endingMs ? 'wait' : 'undecided';
}

function sourceRuns(evidence: Evidence): Decision {
  const { source, target, mode } = evidence;
  // It has left this one, which goes on by itself: it was not told that all has arrived.
  const isOver = source.migration === 'failed' || source.migration === 'cancelled';
  const isBehind = mode === 'postcopy' || (isOver && target?.alive === true);
  if (isBehind && target !== undefined && hasRun(target)) return 'stop-source';
  // One of the two is older than the other. Should both run, to kill the wrong one cannot be mended.
  if (target?.alive === true && hasRun(target)) return unanswered(evidence);
  if (!ended.has(source.migration)) return 'cancel-migration';
  return killFirst(target, 'stays');
}

/**
 * On the very same RAM, until the source was stopped. Who comes later can only go on with the guest
 * where it runs; its user has been told.
 */
function haveBothRun({ source, mode, guestRan, watched }: Evidence): boolean {
  const isShared = mode === 'ignore-shared' || mode === 'cpr-transfer';
  const wasStopped = source.runState === 'paused' && source.migration !== 'completed';
  return isShared && guestRan && watched && wasStopped;
}

function sourceStandsStill(evidence: Evidence): Decision {
  const { source, target, mode, watched, guestRan, channelOpened, waitedMs } = evidence;
  if (target?.alive === true) {
    // What it has not got by now it never gets.
    if (isInterrupted(target.migration) && ended.has(source.migration)) return 'undecided';
    if (hasRun(target)) return haveBothRun(evidence) ? 'undecided' : 'moved';
    if (source.migration === 'completed') {
      if (target.migration === 'completed' && !guestRan) return 'moved';
      return target.migration === 'failed' || willNotRun(evidence) ? 'kill-target' : 'wait';
    }
    if (ended.has(source.migration) || !channelOpened) return 'kill-target';
    // Within the switchover: a cancel now would let the source resume beside a target that has it all.
    return waitedMs < endingMs ? 'wait' : 'kill-target';
  }
  if (!ended.has(source.migration)) return 'cancel-migration';
  const mayHaveRun = target?.everRan === true || (!watched && source.migration === 'completed');
  if (mayHaveRun && mode === 'postcopy') return 'lost';
  if (mayHaveRun && mode !== 'precopy') {
    // The target has changed the very RAM the source would go on with.
    return 'undecided';
  }
  // A guest that was paused is not set running: `cont` works from postmigrate as from paused.
  return guestRan ? 'resume-source' : 'stays';
}
