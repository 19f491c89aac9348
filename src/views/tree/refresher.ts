/** Reads something anew when it has changed: one reading after the other, and one for a burst of changes. */
import type { Disposable } from '../../host/host';

/** Changes come in bursts, for a migration takes many steps; what a burst waits for its end, in ms. */
const burstMs = 100;

export class Refresher implements Disposable {
  #timer: NodeJS.Timeout | undefined;
  #queue = Promise.resolve();
  #isStale = false;
  #isSeen = false;
  #isDisposed = false;

  /** @param read never rejects */
  constructor(private readonly read: () => Promise<void>) {}

  /** What nobody sees is not read anew. */
  set isSeen(isSeen: boolean) {
    this.#isSeen = isSeen;
    if (this.#isStale) this.#readSoon();
  }

  /** What was told of before a reading began is in it. */
  changed(): void {
    this.#isStale = true;
    this.#readSoon();
  }

  /** Now, or as soon as what is being read has been. */
  readNow(read = this.read): Promise<void> {
    // One after the other: what was read before must not take the place of what was read after.
    return (this.#queue = this.#queue.then(() => {
      this.#isStale = false;
      return this.#isDisposed ? undefined : read();
    }));
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #readSoon(): void {
    if (!this.#isSeen || this.#isDisposed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#queue = this.#queue.then(() => {
        if (!this.#isStale || this.#isDisposed) return undefined;
        this.#isStale = false;
        return this.read();
      });
    }, burstMs);
  }
}
