import { closeSync, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Appender } from '../host';
import { writeAll } from './file-operations';
import { toHostError } from './system-error';

/**
 * Opens a file for appending (O_APPEND). A regular file is opened at once, and takes each append by
 * one synchronous write(2) into the page cache, 2 µs; anything else (a pipe, a terminal) may stall,
 * and waits its turn in the thread pool. No fsync, for the reason given at `write`.
 */
export async function openAppender(path: string, mode = 0o600): Promise<Appender> {
  const doing = `append to ${path}`;
  try {
    const file = openNow(path, mode) ?? (await openInTurn(path));
    let last: Promise<unknown> = Promise.resolve();
    let closed: Promise<void> | undefined;
    return {
      append: async (data) => {
        try {
          const written = file.write(data);
          last = Promise.allSettled([last, written]);
          await written;
        } catch (error) {
          throw toHostError(error, doing, path);
        }
      },
      close: () => (closed ??= last.then(() => file.close())),
    };
  } catch (error) {
    throw toHostError(error, doing, path);
  }
}

interface OpenFile {
  write(data: Uint8Array | string): void | Promise<void>;
  close(): void | Promise<void>;
}

/** @returns undefined if it is no regular file: to open a pipe waits for its reader */
function openNow(path: string, mode: number): OpenFile | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return undefined;
  const fd = openSync(path, 'a', mode);
  return {
    write: (data) => {
      writeAll(fd, data);
    },
    close: () => {
      closeSync(fd);
    },
  };
}

async function openInTurn(path: string): Promise<OpenFile> {
  const handle = await open(path, 'a');
  let last: Promise<void> = Promise.resolve();
  return {
    write: (data) => {
      const mine = last.then(() => handle.appendFile(data));
      last = mine.catch(() => undefined);
      return mine;
    },
    close: () => handle.close(),
  };
}
