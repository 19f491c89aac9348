import { statSync, watch, type FSWatcher } from 'node:fs';
import type { Disposable } from '../host';
import { isAbsent } from './system-error';
import { lookEvery, watchPath } from './watch-path';

/** What comes within so many ms is told once. */
const burstMs = 10;

/**
 * Calls when an entry of a folder is made, renamed or removed, and when the folder itself comes or
 * goes, with all that is in it.
 */
export function watchFolder(path: string, onChange: () => void): Disposable {
  let burst: NodeJS.Timeout | undefined;
  const tell = (): void => {
    burst ??= setTimeout(() => {
      burst = undefined;
      onChange();
    }, burstMs);
  };
  let stop = watchEntries(path, tell);
  const place = watchPath(path, () => {
    const hadEntries = stop;
    hadEntries?.();
    stop = watchEntries(path, tell);
    // Neither before nor now: a folder further up has come or gone.
    if (hadEntries || stop) tell();
  });
  return {
    dispose() {
      place.dispose();
      stop?.();
      clearTimeout(burst);
    },
  };
}

/** Returns what ends it; undefined while there is no such folder. */
function watchEntries(path: string, onChange: () => void): (() => void) | undefined {
  try {
    const watcher: FSWatcher = watch(path, (event) => {
      if (event === 'rename') onChange();
    });
    // Its end is told by the place it had.
    watcher.on('error', () => undefined);
    return () => {
      watcher.close();
    };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    // No watches left on this machine, or a folder that may be passed but not read.
    let before = changedAt(path);
    const timer = setInterval(() => {
      const now = changedAt(path);
      if (now !== before) onChange();
      before = now;
    }, lookEvery);
    return () => {
      clearInterval(timer);
    };
  }
}

function changedAt(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}
