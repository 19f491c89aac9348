import { existsSync, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Disposable } from '../host';
import { isAbsent } from './system-error';

/** How often a path is looked at that cannot be watched, in ms. */
export const lookEvery = 20;

/**
 * Calls when something comes to be at a path, goes, or is replaced (inotify on its folder). While
 * the folder does not exist, the nearest one above it that does is watched for it.
 */
export function watchPath(path: string, onChange: () => void): Disposable {
  const target = resolve(path);
  let disposed = false;
  let stop = arm();

  function arm(): () => void {
    for (;;) {
      let awaited = target;
      while (!existsSync(dirname(awaited))) awaited = dirname(awaited);
      const close = watchFor(awaited);
      // A folder made meanwhile was made unseen: from there on, look again.
      if (close && (awaited === target || !existsSync(awaited))) return close;
      close?.();
    }
  }

  /** Watches the folder of `awaited`; undefined when that is gone again. */
  function watchFor(awaited: string): (() => void) | undefined {
    const folder = dirname(awaited);
    try {
      const watcher = watch(folder, (event, name) => {
        if (event !== 'rename') return;
        if (name === basename(awaited)) changed(awaited === target);
        // The folder itself was removed or moved.
        else if (name === basename(folder)) changed(false);
      });
      watcher.on('error', () => {
        changed(false);
      });
      return () => {
        watcher.close();
      };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      // No watches left on this machine, or a folder that may be passed but not read.
      const timer = setInterval(changed, lookEvery, true);
      return () => {
        clearInterval(timer);
      };
    }
  }

  function changed(stillArmed: boolean): void {
    if (disposed) return;
    if (!stillArmed) {
      stop();
      stop = arm();
    }
    onChange();
  }

  return {
    dispose() {
      disposed = true;
      stop();
    },
  };
}
