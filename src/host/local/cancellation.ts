import { setTimeout as sleep } from 'node:timers/promises';
import { HostError } from '../errors';

/** The error a wait ends with when its signal aborts: the signal's own reason, if it is one of ours. */
export function cancellation(signal: AbortSignal): HostError {
  const reason: unknown = signal.reason;
  return reason instanceof HostError
    ? reason
    : new HostError('CANCELLED', 'The call was cancelled.', undefined, { cause: reason });
}

/** Calls once when the signal aborts, at once if it has. Returns what takes the call back. */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call();
    return () => undefined;
  }
  signal.addEventListener('abort', call, { once: true });
  return () => {
    signal.removeEventListener('abort', call);
  };
}

/** The promise's outcome, or the cancellation if that comes first. */
export function orCancelled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const settled = onAbort(signal, () => {
      reject(cancellation(signal));
    });
    promise.then(resolve, reject).finally(settled);
  });
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw cancellation(signal);
  }
}
