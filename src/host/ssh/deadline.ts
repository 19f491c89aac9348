/** A time limit for the other end's answers: the time a user takes to think does not count. */
export class Deadline {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** How many works are under way that time does not count for. */
  #suspended = 0;

  constructor(
    private readonly limitMs: number,
    private readonly onPassed: () => void,
  ) {
    this.#start();
  }

  /** Runs what waits for a user. The time limit starts anew behind it. */
  async suspend<T>(work: () => Promise<T>): Promise<T> {
    this.#suspended++;
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#suspended--;
      if (this.#suspended === 0 && !this.#stopped) this.#start();
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#timer = setTimeout(this.onPassed, this.limitMs);
  }
}
