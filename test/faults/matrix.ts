/** Every fault before every step of every mode; made of the steps as the engine has them. */
import { phasesOfMigration } from '../../src/engine/migration/migrate';
import { modes, type Mode } from '../../src/engine/mode';
import type { Phase } from '../../src/engine/trace/record';
import { faults, type Fault } from './faults';

export interface Case {
  /** To be found again by. */
  readonly id: string;
  readonly mode: Mode;
  readonly phase: Phase;
  readonly step: string;
  readonly fault: Fault;
}

const points = phasesOfMigration.flatMap(({ phase, steps }) =>
  steps.map(({ name }) => ({ phase, step: name })),
);
const startTarget = points.findIndex(({ step }) => step === 'start-target');

export const matrix: readonly Case[] = modes.flatMap((mode) =>
  faults.flatMap((fault) =>
    points.slice(fault.needsTarget ? startTarget + 1 : 0).map(({ phase, step }) => ({
      id: `${fault.name}, before ${step} in ${phase}, ${mode}`,
      ...{ mode, phase, step, fault },
    })),
  ),
);

/** So many cases, the same ones for the same seed. */
export function sample(seed: number, count: number): readonly Case[] {
  const left = [...matrix];
  const random = generator(seed);
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
