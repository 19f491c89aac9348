import type { Micros } from '../../host';

/** A question for the time: when it was asked and answered by our clock, and what was answered. */
export interface ClockSample {
  /** ms. */
  readonly asked: number;
  readonly answered: number;
  readonly host: Micros;
}

/**
 * A host's clock, known without a round trip from the questions asked before. An answer was given at
 * some time between question and receipt; in the middle is assumed. From then on an answer counts
 * only if it proves the clock wrong: the two have drifted, or the host's was set.
 */
export class RemoteClock {
  readonly #local: () => number;
  /** µs. */
  #offset = 0;

  /** @param local a monotonic clock, in ms */
  constructor(samples: readonly ClockSample[], local: () => number = () => performance.now()) {
    this.#local = local;
    const [quickest] = [...samples].sort((a, b) => roundTrip(a) - roundTrip(b));
    if (quickest) this.#offset = offsetOf(quickest);
  }

  now(): Micros {
    return Math.round(this.#local() * 1000 + this.#offset);
  }

  correct(sample: ClockSample): void {
    const offset = offsetOf(sample);
    if (Math.abs(offset - this.#offset) > (roundTrip(sample) / 2) * 1000) this.#offset = offset;
  }
}

function roundTrip({ asked, answered }: ClockSample): number {
  return answered - asked;
}

function offsetOf({ asked, answered, host }: ClockSample): number {
  return host - ((asked + answered) / 2) * 1000;
}
