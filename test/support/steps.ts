/** The steps that there are, as the engine has them: a new one is tested as soon as it is there. */
import { phasesOfHandback } from '../../src/engine/handback/hand-back';
import { phasesOfMigration } from '../../src/engine/migration/migrate';
import type { Mode } from '../../src/engine/mode';
import type { Phase } from '../../src/engine/trace/record';

export interface Point {
  readonly phase: Phase;
  readonly step: string;
}

export const stepsOfHandback: readonly Point[] = phasesOfHandback.flatMap(({ phase, steps }) =>
  steps.map(({ name: step }) => ({ phase, step })),
);

export function stepsOf(mode: Mode): Point[] {
  return phasesOfMigration.flatMap(({ phase, steps }) =>
    steps.flatMap(({ name: step }) => (isLeftOut(mode, phase, step) ? [] : { phase, step })),
  );
}

function isLeftOut(mode: Mode, phase: Phase, step: string): boolean {
  const isCpr = mode === 'cpr-transfer';
  if (step === 'await-descriptor-channel') return !isCpr;
  if (step === 'connect-target' || step === 'open-channel') {
    return isCpr ? phase === 'prepare' : phase === 'perform';
  }
  return false;
}
