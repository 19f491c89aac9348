/**
 * The time of a log's lines, which is told to the millisecond. A line is not older than the event in
 * a line before it, whose time QEMU tells to the microsecond.
 */
export class LogClock {
  /** µs since the Unix epoch. */
  #last = 0;

  /** @param logged the time that stands in the line, in µs since the Unix epoch */
  at(logged: number): number {
    const isSameMillisecond = this.#last > logged && this.#last < logged + 1000;
    return isSameMillisecond ? this.#last : logged;
  }

  /** An event that happened at this time is in the log. */
  hear(at: number): void {
    if (at > this.#last) this.#last = at;
  }
}
