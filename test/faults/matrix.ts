/** Every fault before every step of every mode; made of the steps as the engine has them. */
import { modes, type Mode } from '../../src/engine/mode';
import { stepsOf, type Point } from '../support/steps';
import type { Fault } from './fault';
import { faults } from './faults';

export interface Case {
  /** To be found again by. */
  readonly id: string;
  readonly mode: Mode;
  readonly point: Point;
  readonly fault: Fault;
}

/** The cases of each fault. */
export const matrix: readonly (readonly Case[])[] = faults.map((fault) =>
  modes.flatMap((mode) =>
    stepsOf(mode)
      .filter((point) => fault.canComeBefore?.(point, mode) !== false)
      .map((point) => ({
        id: `${fault.name}, before ${point.step} in ${point.phase}, ${mode}`,
        ...{ mode, point, fault },
      })),
  ),
);
