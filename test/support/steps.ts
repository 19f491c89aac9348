/** The steps that there are, as the engine has them: a new one is tested as soon as it is there. */
import { phasesOfHandback } from '../../src/engine/handback/hand-back';
import { phasesOfMigration } from '../../src/engine/migration/migrate';
import type { Mode } from '../../src/engine/mode';
import type { Phase } from '../../src/engine/trace/record';

export interface Point {
  readonly phase: Phase;
  readonly step: string;
}

const pointsOf = (
  phases: readonly {
    readonly phase: Phase;
    readonly steps: readonly { readonly name: string }[];
  }[],
): readonly Point[] =>
  phases.flatMap(({ phase, steps }) => steps.map(({ name: step }) => ({ phase, step })));

const all = pointsOf(phasesOfMigration);
export const stepsOfHandback = pointsOf(phasesOfHandback);

export function stepsOf(mode: Mode): Point[] {
  return all.filter((point) => !isLeftOut(mode, point));
}

/** Whether a step comes after the one of that name. */
export function isAfter(points: readonly Point[], { phase, step }: Point, name: string): boolean {
  const at = points.findIndex((each) => each.phase === phase && each.step === step);
  return at > points.findIndex((each) => each.step === name);
}

/** Whether there is a target before that step. */
export const isWithTarget = (point: Point): boolean => isAfter(all, point, 'start-target');

function isLeftOut(mode: Mode, { phase, step }: Point): boolean {
  const isCpr = mode === 'cpr-transfer';
  if (step === 'await-descriptor-channel') return !isCpr;
  if (step === 'connect-target' || step === 'open-channel') {
    return isCpr ? phase === 'prepare' : phase === 'perform';
  }
  return false;
}
