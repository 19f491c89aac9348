/**
 * A signal that aborts after so many ms, and does not keep the program from ending.
 * Not `AbortSignal.timeout`: Node 20 holds it by a weak reference only where it is part of an
 * `AbortSignal.any`, and once it is collected the whole never aborts. Here the timer holds it.
 */
export function timeLimit(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(new DOMException('The time is up.', 'TimeoutError'));
  }, ms).unref();
  return controller.signal;
}
