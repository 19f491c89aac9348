/** Two hosts have two clocks: what their logs tell of one migration shows by how much they differ. */
import { phases, type Phase } from '../trace/record';

export interface PhaseSpan {
  /** µs since the Unix epoch, by the clock of the host whose phase it is. */
  readonly begin: number;
  readonly end: number;
}

/** Logs tell milliseconds. */
const precisionUs = 1_000;

/**
 * Each phase begins after the one before it has ended, mostly on the other host.
 * @returns how much the clocks differ at least, in µs; 0 if nothing shows it
 */
export function clockSkew(spans: ReadonlyMap<Phase, PhaseSpan>): number {
  let skew = 0;
  let before: PhaseSpan | undefined;
  for (const phase of phases) {
    const span = spans.get(phase);
    if (span === undefined) continue;
    if (before !== undefined) skew = Math.max(skew, before.end - span.begin);
    before = span;
  }
  return skew > precisionUs ? skew : 0;
}
