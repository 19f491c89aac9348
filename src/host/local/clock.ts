import { performance } from 'node:perf_hooks';
import type { Micros } from '../host';

/** Beyond this the wall clock was set, or the machine slept: ms. */
const tolerance = 2;

/**
 * A clock in µs. `Date.now()` knows only whole ms, so the fine monotonic clock is laid onto it, and
 * laid anew when the two part.
 */
export function createClock(
  wall: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
  origin: number = performance.timeOrigin,
): () => Micros {
  let offset = origin;
  return () => {
    const elapsed = monotonic();
    // The middle of the ms that the wall clock names.
    const expected = wall() + 0.5;
    if (Math.abs(offset + elapsed - expected) > tolerance) offset = expected - elapsed;
    return Math.round((offset + elapsed) * 1000);
  };
}
