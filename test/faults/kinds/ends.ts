/** A QEMU ends, or the migration is cancelled. */
import type { Outcome } from '../../../src/engine/trace/record';
import { isWithTarget } from '../../support/steps';
import {
  afterSwitchover,
  sourceQuit,
  targetHasAll,
  targetRan,
  targetStarted,
  type Course,
} from '../course';
import { migrateWith, striking, type Fault } from '../fault';

const endingTarget = (signal: 'SIGKILL' | 'SIGTERM') =>
  striking(async ({ bench, walker }) => bench.kill(await bench.targetOf(walker), signal));

function withoutTarget(course: Course): readonly Outcome[] {
  if (sourceQuit(course)) return ['lost'];
  if (!targetRan(course) || course.mode === 'precopy') return ['stayed'];
  // What it has written to its RAM there is nowhere else; or it has changed the RAM that the source
  // would go on with.
  return course.mode === 'postcopy' ? ['lost'] : ['undecided'];
}

const targetTold = /^TARGET_(FAILED|LOST|KILLED|NOT_RUNNING)$/;

export const ends: readonly Fault[] = [
  {
    name: 'the target killed',
    canComeBefore: isWithTarget,
    befall: endingTarget('SIGKILL'),
    leaves: withoutTarget,
    told: targetTold,
  },
  {
    name: 'the target ended by its owner',
    canComeBefore: isWithTarget,
    befall: endingTarget('SIGTERM'),
    leaves: withoutTarget,
    told: targetTold,
  },
  {
    name: 'the source killed',
    befall: striking(({ bench, walker }) => bench.kill(walker.first.process)),
    leaves(course) {
      const isHalfThere = course.mode === 'postcopy' && targetRan(course) && !targetHasAll(course);
      if (isHalfThere) return ['undecided'];
      return targetRan(course) || afterSwitchover(course) ? ['moved'] : ['lost'];
    },
    told: /^SOURCE_UNREACHABLE$/,
  },
  {
    name: 'a cancel',
    befall: (scene) => {
      const cancel = new AbortController();
      const strike = () => {
        cancel.abort();
      };
      return migrateWith(scene, strike, { signal: cancel.signal });
    },
    leaves(course) {
      if (targetRan(course) || afterSwitchover(course)) return ['moved'];
      return [targetStarted(course) ? 'stayed' : 'refused'];
    },
    told: /^CANCELLED$/,
  },
];
