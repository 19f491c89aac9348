import { QmpError, type CallSite, type QmpErrorCode, type QmpErrorDetails } from './errors';

export interface WaitOptions {
  /** In ms; `Infinity` for no limit. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PendingOptions extends WaitOptions {
  /** What messages say when it does not come: `QEMU (source) did not answer "migrate"`. */
  readonly failure: string;
  /** Whose stack an error shows. */
  readonly callSite: CallSite;
  readonly command?: string | undefined;
  /** What a timeout is taken for, if not for a plain `TIMEOUT`. */
  readonly timeoutMeans?: { readonly code: QmpErrorCode; readonly hint: string };
}

/** Node's timers cannot wait longer, and fire at once when asked to. */
const longestTimerMs = 2 ** 31 - 1;

/** A promise that is settled by its value, a timeout, a cancel or a failure, whichever is first. */
export class Pending<T> {
  readonly promise: Promise<T>;
  readonly #options: PendingOptions;
  #resolvePromise!: (value: T) => void;
  #rejectPromise!: (error: QmpError) => void;
  #isSettled = false;
  #settledListeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PendingOptions) {
    this.#options = options;
    this.promise = new Promise((resolve, reject) => {
      this.#resolvePromise = resolve;
      this.#rejectPromise = reject;
    });
    // Whoever awaits it gets the rejection; it is no crash when nobody does (any more).
    this.promise.catch(() => undefined);

    const { signal, timeoutMs = Infinity, timeoutMeans } = options;
    if (signal?.aborted === true) {
      this.#cancel();
      return;
    }
    signal?.addEventListener('abort', this.#cancel);
    if (timeoutMs <= longestTimerMs) {
      this.#timer = setTimeout(() => {
        const { code, hint } = timeoutMeans ?? { code: 'TIMEOUT', hint: '' };
        this.reject(code, `${options.failure} within ${timeoutMs} ms.${hint}`);
      }, timeoutMs);
    }
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Runs the listener when it is settled, however that comes; at once if it is. */
  onSettled(listener: () => void): void {
    if (this.#isSettled) listener();
    else this.#settledListeners.push(listener);
  }

  resolve(value: T): void {
    if (this.#settle()) this.#resolvePromise(value);
  }

  reject(code: QmpErrorCode, message: string, details: QmpErrorDetails = {}): void {
    if (!this.#settle()) return;
    const { command, callSite } = this.#options;
    this.#rejectPromise(new QmpError(code, message, { ...details, command }).from(callSite));
  }

  /** Rejects because the connection ended. */
  abandon(reason: QmpError): void {
    this.reject(reason.code, `${this.#options.failure}: ${reason.message}`, { cause: reason });
  }

  readonly #cancel = (): void => {
    this.reject('CANCELLED', `${this.#options.failure} before the wait was cancelled.`, {
      cause: this.#options.signal?.reason,
    });
  };

  /** @returns false if it was settled before */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    for (const listener of this.#settledListeners) listener();
    return true;
  }
}
