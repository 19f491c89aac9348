import { open, type FileHandle } from 'node:fs/promises';
import type { Appender } from '../host';
import { writeAll } from './file-operations';
import { toHostError } from './system-error';

/**
 * Opens a file for appending (O_APPEND). A regular file takes each append by one synchronous
 * write(2) into the page cache, 2 µs; anything else (a pipe, a terminal) may stall, and waits its
 * turn in the thread pool. No fsync, for the reason given at `write`.
 */
export async function openAppender(path: string, mode = 0o600): Promise<Appender> {
  const doing = `append to ${path}`;
  try {
    const handle = await open(path, 'a', mode);
    const regular = (await handle.stat()).isFile();
    const write = regular ? writeNow(handle) : writeInTurn(handle);
    let last: Promise<unknown> = Promise.resolve();
    let closed: Promise<void> | undefined;
    return {
      append: async (data) => {
        try {
          const written = write(data);
          last = Promise.allSettled([last, written]);
          await written;
        } catch (error) {
          throw toHostError(error, doing, path);
        }
      },
      close: () => (closed ??= last.then(() => handle.close())),
    };
  } catch (error) {
    throw toHostError(error, doing, path);
  }
}

type Write = (data: Uint8Array | string) => void | Promise<void>;

function writeNow(handle: FileHandle): Write {
  return (data) => {
    writeAll(handle.fd, data);
  };
}

function writeInTurn(handle: FileHandle): Write {
  let last: Promise<void> = Promise.resolve();
  return (data) => {
    const mine = last.then(() => handle.appendFile(data));
    last = mine.catch(() => undefined);
    return mine;
  };
}
