import type { Disposable, Host } from '../../host/host';
import { timeLimit } from '../../host/time-limit';

/** Resolves when something in the folder changes, or after so many ms: not all that counts is seen there. */
export async function nextChange(
  host: Pick<Host, 'watchFolder'>,
  folder: string,
  withinMs: number,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  let watch: Disposable | undefined;
  const limit = timeLimit(withinMs);
  const ends = signal === undefined ? limit : AbortSignal.any([limit, signal]);
  try {
    await new Promise<void>((resolve) => {
      watch = host.watchFolder(folder, resolve);
      ends.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    watch?.dispose();
  }
  signal?.throwIfAborted();
}
