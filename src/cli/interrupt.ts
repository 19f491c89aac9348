/** What a command is told while it is at work: to cancel (Ctrl-C), or that it is to go. */

/** What happens once each. */
export interface Interruptions {
  readonly onCancel?: () => void;
  /** If not given, it cancels when it is to go, too. */
  readonly onClose?: () => void;
}

/**
 * Does work that SIGINT cancels instead of cutting it off; SIGTERM, and the end of the terminal
 * (SIGHUP), as they are told. Asked again, it goes on with that: what is under way has to come to a
 * clean end.
 */
export async function cancellable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { onCancel = () => undefined, onClose }: Interruptions = {},
): Promise<T> {
  const controller = new AbortController();
  const cancel = once(() => {
    onCancel();
    controller.abort();
  });
  const close = onClose && once(onClose);
  const listeners = [
    ['SIGINT', cancel],
    ['SIGTERM', close ?? cancel],
    ...(close === undefined ? [] : [['SIGHUP', close] as const]),
  ] as const;
  for (const [signal, listener] of listeners) process.on(signal, listener);
  try {
    return await work(controller.signal);
  } finally {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
