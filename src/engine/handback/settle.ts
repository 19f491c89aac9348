/**
 * Where the guest is when a hand-back to libvirt has not gone its way, and what to do about it. A pure
 * function from what the program that hands over, and both QEMUs, say; docs/reliability.md has it as a
 * table. `settler.ts` asks and does.
 */
import type { SideEvidence } from '../migration/settle';

/** What became of libvirt's attempt, by the word of the program that hands over. */
export type Attempt =
  | 'under-way'
  /** libvirt has the guest. */
  | 'taken'
  /** It has not, and never will. */
  | 'given-up'
  /** The program has ended without a word, or could not tell. */
  | 'unknown';

export interface HandbackEvidence {
  /** Whether QEMU may have been told to `migrate`: before, the guest cannot have gone anywhere. */
  readonly migrateSent: boolean;
  /** Whether it is known to have begun with it. */
  readonly isBegun: boolean;
  /** How long they have had, since things went wrong, to settle them by themselves. */
  readonly waitedMs: number;
  /** Whether somebody has listened to libvirt's QEMU all along: else it may have run the guest. */
  readonly watched: boolean;
  /** Whether the guest ran when the hand-back began: one that was paused stays so. */
  readonly guestRan: boolean;
  readonly source: SideEvidence;
  readonly attempt: Attempt;
  /** libvirt's QEMU. */
  readonly target: {
    readonly alive: boolean;
    readonly everRan: boolean;
    /** QEMU's or libvirt's word; undefined if neither can be asked. */
    readonly runState: string | undefined;
    /** libvirt is at work on it. */
    readonly isBusy: boolean;
  };
}

export type HandbackDecision =
  /** The guest runs (or is paused, as it was) at the source: what was begun is undone. */
  | 'stays'
  /** It is libvirt's: what is left to do is done. */
  | 'moved'
  /** No process has it any more. */
  | 'lost'
  /** It cannot be told safely: both are left as they are, for the user. */
  | 'undecided'
  /** It is about to be settled without us. */
  | 'wait'
  /** QEMU is still at it, before the switchover: its migration is to be cancelled. */
  | 'cancel-migration'
  /** libvirt's QEMU never ran the guest, and must not any more. */
  | 'end-target'
  /** The source has the only whole copy of the guest, and stands still. */
  | 'resume-source';

/** A QEMU that is ending closes its monitor first; and within the switchover it may be slow to answer. */
const patienceMs = 5_000;

const ended = new Set([undefined, 'none', 'failed', 'cancelled', 'completed']);

/** Of a QEMU that has not run yet. One that was paused by its owner looks the same. */
const still = new Set(['inmigrate', 'prelaunch', 'paused', 'postmigrate', 'finish-migrate']);

export function decideHandback(evidence: HandbackEvidence): HandbackDecision {
  const { migrateSent, source, attempt, target } = evidence;
  if (!migrateSent) return source.alive ? 'stays' : 'lost';
  if (attempt === 'taken') return 'moved';
  if (attempt !== 'given-up' && hasRun(target)) {
    // One of both is older than the other. Should both run, to end the wrong one cannot be mended.
    return source.runState === 'running' || !target.alive ? unanswered(evidence) : 'moved';
  }
  if (!source.alive) return withoutSource(evidence);
  if (source.runState === undefined) return unanswered(evidence);
  return source.runState === 'running' ? sourceRuns(evidence) : sourceStandsStill(evidence);
}

function hasRun({ everRan, runState }: HandbackEvidence['target']): boolean {
  return everRan || (runState !== undefined && !still.has(runState));
}

/** What cannot be told now may be told in a moment. */
function unanswered({ waitedMs }: HandbackEvidence): HandbackDecision {
  return waitedMs < patienceMs ? 'wait' : 'undecided';
}

/** Only a QEMU that has all of the guest can go on; libvirt sees to it, or ends it. */
function withoutSource(evidence: HandbackEvidence): HandbackDecision {
  const { attempt, target } = evidence;
  if (attempt === 'given-up') return 'lost';
  if (attempt === 'under-way' || target.isBusy) return 'wait';
  return target.alive ? unanswered(evidence) : 'lost';
}

function sourceRuns({ source, attempt, isBegun }: HandbackEvidence): HandbackDecision {
  if (!ended.has(source.migration)) return 'cancel-migration';
  // The status may be that of an attempt before: as long as the program lives, the guest may still go.
  return attempt === 'under-way' && !isBegun ? 'wait' : 'stays';
}

function sourceStandsStill(evidence: HandbackEvidence): HandbackDecision {
  const { source, attempt, target, guestRan, waitedMs, watched } = evidence;
  const home = guestRan ? 'resume-source' : 'stays';
  if (!ended.has(source.migration)) {
    if (attempt === 'given-up' || !target.alive) return 'cancel-migration';
    // Within the switchover: a cancel now would let the source resume beside a QEMU that has it all.
    return guestRan && waitedMs < patienceMs ? 'wait' : 'end-target';
  }
  if (attempt === 'given-up') return home;
  if (attempt === 'under-way') return 'wait';
  if (!target.alive) return watched || source.migration !== 'completed' ? home : 'undecided';
  if (source.migration !== 'completed') return guestRan ? 'end-target' : 'stays';
  if (target.isBusy) return 'wait';
  if (target.runState === undefined) return unanswered(evidence);
  return watched ? 'end-target' : 'undecided';
}
