import { connect as connectSocket, type Socket } from 'node:net';
import { HostError } from '../errors';
import type { Endpoint } from '../host';
import type { ProcessIdentity } from '../process';
import { cancellation, onAbort } from './cancellation';
import type { Processes } from './processes';
import { errnoOf, toHostError } from './system-error';
import { watchPath } from './watch-path';

/** sockaddr_un's sun_path, less the NUL at its end: bytes. */
const longestUnixPath = 107;

/** ms between attempts at a listener whose coming no event tells. */
const longestRetry = 10;

export function nameOf(endpoint: Endpoint): string {
  return 'unix' in endpoint ? endpoint.unix : `${endpoint.host}:${endpoint.port}`;
}

/** One attempt. */
export function connectOnce(endpoint: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw cancellation(signal);
    requireFit(endpoint);
    const socket = connectSocket(
      'unix' in endpoint ? { path: endpoint.unix } : { ...endpoint, noDelay: true },
    );
    const settled = onAbort(signal, () => {
      socket.destroy();
      reject(cancellation(signal));
    });
    socket.once('connect', () => {
      settled();
      socket.off('error', fail);
      resolve(socket);
    });
    const fail = (error: Error): void => {
      settled();
      reject(connectError(error, endpoint));
    };
    socket.once('error', fail);
  });
}

/**
 * Attempts until somebody listens. The socket's file tells its coming; but bind(2) makes it and
 * only listen(2), moments later, has it accept, which no event tells, nor does a TCP port: there
 * the next attempt comes after 1 ms, and then after growing times.
 * @throws HostError `PROCESS_GONE` once `listener` no longer lives
 */
export async function connectWhenListening(
  endpoint: Endpoint,
  listener: ProcessIdentity,
  processes: Processes,
  signal: AbortSignal,
): Promise<Socket> {
  const end = new AbortController();
  const forget = onAbort(signal, () => {
    end.abort(cancellation(signal));
  });
  processes.waitForExit(listener, end.signal).then(
    () => {
      end.abort(goneError(listener, endpoint));
    },
    () => undefined, // the wait itself was ended
  );
  const bell = new Bell(end.signal);
  const watch =
    'unix' in endpoint
      ? watchPath(endpoint.unix, () => {
          bell.ring();
        })
      : undefined;
  try {
    for (let ms = 1; ; ms = Math.min(2 * ms, longestRetry)) {
      try {
        return await connectOnce(endpoint, end.signal);
      } catch (error) {
        const code = error instanceof HostError ? error.code : undefined;
        if (code === 'NO_SUCH_FILE') await bell.rung();
        else if (code === 'NOT_LISTENING') await bell.rung(ms);
        else throw error;
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

function requireFit(endpoint: Endpoint): void {
  if (!('unix' in endpoint)) return;
  const bytes = Buffer.byteLength(endpoint.unix);
  if (bytes <= longestUnixPath) return;
  const message = `Cannot connect to ${endpoint.unix}: a unix socket's path has at most ${longestUnixPath} bytes, this one has ${bytes}.`;
  throw new HostError('IO', message, endpoint.unix);
}

function connectError(error: Error, endpoint: Endpoint): HostError {
  const name = nameOf(endpoint);
  if (errnoOf(error) === 'ECONNREFUSED') {
    return new HostError('NOT_LISTENING', `Nobody listens on ${name}.`, name, { cause: error });
  }
  return toHostError(error, `connect to ${name}`, name);
}

function goneError({ pid }: ProcessIdentity, endpoint: Endpoint): HostError {
  const name = nameOf(endpoint);
  const message = `Process ${pid} ended before it listened on ${name}.`;
  return new HostError('PROCESS_GONE', message, name);
}
