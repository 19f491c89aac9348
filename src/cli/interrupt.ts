/** Ctrl-C, as a signal that work can be cancelled by. */

/**
 * Does work that SIGINT and SIGTERM cancel instead of cutting it off. Asked again, it goes on
 * cancelling: what is under way has to come to a clean end.
 * @param onCancel told once
 */
export async function cancellable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onCancel: () => void = () => undefined,
): Promise<T> {
  const controller = new AbortController();
  const cancel = () => {
    if (controller.signal.aborted) return;
    onCancel();
    controller.abort();
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  }
}
