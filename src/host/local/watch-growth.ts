import { watch, type FSWatcher } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Disposable } from '../host';
import { watchPath } from './watch-path';

const chunkSize = 64 * 1024;

/**
 * Follows a file: tells its bytes from `offset` on, in order, as it grows. A file that was
 * truncated or replaced (log rotation) is told from its start again, what was left of the old one
 * first. One truncated and grown past the old size before it was looked at cannot be told apart.
 */
export function watchGrowth(
  path: string,
  offset: number,
  onData: (data: Buffer) => void,
): Disposable {
  const follower = new Follower(path, offset, onData);
  return {
    dispose() {
      follower.dispose();
    },
  };
}

class Follower {
  readonly #path: string;
  readonly #onData: (data: Buffer) => void;
  /** For a file that comes, goes or is replaced; `#growth` is for the one that is open. */
  readonly #place: Disposable;
  #growth: FSWatcher | undefined;
  #file: FileHandle | undefined;
  #position: number;
  #busy = false;
  #again = false;
  #disposed = false;

  constructor(path: string, offset: number, onData: (data: Buffer) => void) {
    this.#path = path;
    this.#position = offset;
    this.#onData = onData;
    this.#place = watchPath(path, () => {
      this.#look();
    });
    this.#look();
  }

  dispose(): void {
    this.#disposed = true;
    this.#place.dispose();
    if (!this.#busy) void this.#close();
  }

  /** One look at a time; what happens during one is seen by the next. */
  #look(): void {
    this.#again = true;
    if (this.#busy) return;
    this.#busy = true;
    void this.#lookUntilQuiet();
  }

  async #lookUntilQuiet(): Promise<void> {
    try {
      while (this.#again && !this.#disposed) {
        this.#again = false;
        await this.#lookOnce();
      }
    } finally {
      this.#busy = false;
      if (this.#disposed) await this.#close();
    }
  }

  async #lookOnce(): Promise<void> {
    if (this.#file) {
      await this.#tellGrowth(this.#file);
      if (await this.#isStillThere(this.#file)) return;
      // What was written to the old file between the last read and its replacement.
      await this.#tellGrowth(this.#file);
      await this.#close();
      this.#position = 0;
    }
    try {
      this.#file = await open(this.#path, 'r');
      // By way of a link, the folder that is watched is not the file's own.
      this.#growth = watch(this.#path, () => {
        this.#look();
      }).on('error', () => undefined);
    } catch {
      // Not there yet, gone again, or not ours to read: the next change at its place is awaited.
      await this.#close();
      return;
    }
    this.#again = true;
  }

  async #isStillThere(file: FileHandle): Promise<boolean> {
    try {
      const [opened, there] = await Promise.all([file.stat(), stat(this.#path)]);
      return opened.ino === there.ino && opened.dev === there.dev;
    } catch {
      return false;
    }
  }

  async #tellGrowth(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    if (size < this.#position) this.#position = 0;
    for (;;) {
      const data = await readChunk(file, this.#position);
      if (data.length === 0 || this.#disposed) return;
      this.#position += data.length;
      this.#onData(data);
    }
  }

  async #close(): Promise<void> {
    this.#growth?.close();
    this.#growth = undefined;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

/** Empty at the end, and of what cannot be read, such as a folder. */
async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  try {
    const buffer = Buffer.allocUnsafe(chunkSize);
    const { bytesRead } = await file.read({ buffer, position });
    return buffer.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  }
}
