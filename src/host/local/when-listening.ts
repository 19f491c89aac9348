import { HostError } from '../errors';
import type { Endpoint } from '../host';
import type { ProcessIdentity } from '../process';
import { cancellation, onAbort } from './cancellation';
import { nameOf } from './connect';
import type { Processes } from './processes';
import { watchPath } from './watch-path';

/** ms between attempts at a listener whose coming no event tells. */
const longestRetry = 10;

/**
 * Attempts until somebody listens: for as long as an attempt fails with `NO_SUCH_FILE` or
 * `NOT_LISTENING`. A unix socket's file tells its coming. But bind(2) makes the file, and only
 * listen(2), moments later, has it accept; that no event tells, nor the opening of a TCP port.
 * There the next attempt comes after 1 ms, and then after growing times.
 * @throws HostError `PROCESS_GONE` once `listener`, where one is named, no longer lives
 */
export async function whenListening<T>(
  endpoint: Endpoint,
  listener: ProcessIdentity | undefined,
  processes: Processes,
  signal: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const forget = onAbort(signal, () => {
    end.abort(cancellation(signal));
  });
  if (listener) {
    processes.waitForExit(listener, end.signal).then(
      () => {
        end.abort(goneError(listener, endpoint));
      },
      () => undefined, // the wait itself was ended
    );
  }
  const bell = new Bell(end.signal);
  const watch =
    'unix' in endpoint
      ? watchPath(endpoint.unix, () => {
          bell.ring();
        })
      : undefined;
  try {
    let ms = 1;
    for (;;) {
      if (end.signal.aborted) throw cancellation(end.signal);
      try {
        return await attempt(end.signal);
      } catch (error) {
        const code = error instanceof HostError ? error.code : undefined;
        if (code === 'NO_SUCH_FILE') {
          await bell.rung();
          ms = 1;
        } else if (code === 'NOT_LISTENING') {
          await bell.rung(ms);
          ms = Math.min(2 * ms, longestRetry);
        } else throw error;
      }
    }
  } finally {
    watch?.dispose();
    forget();
    end.abort();
  }
}

/** Wakes one waiter; a ring before the wait is not lost. */
class Bell {
  readonly #signal: AbortSignal;
  #hasRung = false;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or after so many ms; rejects when the signal aborts. */
  async rung(timeoutMs?: number): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve, reject) => {
        const timer =
          timeoutMs === undefined
            ? undefined
            : setTimeout(() => {
                wake();
              }, timeoutMs);
        const settled = onAbort(this.#signal, () => {
          clearTimeout(timer);
          reject(cancellation(this.#signal));
        });
        const wake = (): void => {
          clearTimeout(timer);
          settled();
          resolve();
        };
        this.#wake = wake;
      });
    }
    this.#hasRung = false;
  }
}

export function goneError({ pid }: ProcessIdentity, endpoint: Endpoint): HostError {
  const name = nameOf(endpoint);
  const message = `Process ${pid} ended before it listened on ${name}.`;
  return new HostError('PROCESS_GONE', message, name);
}
