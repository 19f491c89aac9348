import { closeSync, openSync } from 'node:fs';
import { HostError } from '../errors';
import type { Lock } from '../host';
import { runProgram } from './run';
import { toHostError } from './system-error';

/** What flock(1) exits with when somebody else has the lock. */
const conflict = 75;

/**
 * Takes flock(2) on a file. Node has no such call, so flock(1) makes it, on a descriptor of ours:
 * the lock belongs to the open file, which flock(1) shares with us and leaves behind at its end.
 * From then on it lasts until we close the file or die; no other child inherits the descriptor
 * (O_CLOEXEC). The file stays: to remove it would let two holders lock two files of one name. A bare
 * descriptor, for a FileHandle that nobody refers to any more is closed by the garbage collector.
 */
export async function takeLock(path: string, signal: AbortSignal): Promise<Lock | undefined> {
  const fd = openLockFile(path);
  let taken = false;
  try {
    const argv = ['flock', '--nonblock', '--conflict-exit-code', String(conflict), '3'];
    const { status, stderr } = await runProgram(argv, {}, signal, fd);
    if (status === conflict) return undefined;
    if (status !== 0) {
      const reason = stderr.toString().trim();
      throw new HostError('IO', `Cannot lock ${path}: ${reason}`, path);
    }
    taken = true;
    let isHeld = true;
    return {
      release: () => {
        if (isHeld) closeSync(fd);
        isHeld = false;
        return Promise.resolve();
      },
    };
  } finally {
    if (!taken) closeSync(fd);
  }
}

function openLockFile(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw toHostError(error, `lock ${path}`, path);
  }
}
