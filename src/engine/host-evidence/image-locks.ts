/**
 * Locks on files, as the kernel tells of them (proc(5), `/proc/locks` and `/proc/PID/fdinfo`), and
 * what QEMU means by them (block/file-posix.c): a byte for each permission that its holder uses, and
 * another for each that it does not share.
 */

export interface FileLock {
  readonly inode: number;
  readonly start: number;
  readonly end: number;
  /** As the kernel writes it wherever it tells of it, behind the lock's number. */
  readonly text: string;
  /** A basic regular expression for the file and bytes. */
  readonly pattern: string;
}

const usedFrom = 100;
const unsharedFrom = 200;
const permissions = 32;

/** The locks of an open file (OFD) that stand in this text. */
export function locksIn(text: string): FileLock[] {
  const lines = text.matchAll(
    /^(?:lock:\s*)?\d+: OFDLCK +ADVISORY +(\w+) -?\d+ (\w+:\w+:(\d+)) (\d+) (\d+|EOF)$/gm,
  );
  return [...lines].map(([, kind = '', file = '', inode, start = '', end = '']) => ({
    inode: Number(inode),
    start: Number(start),
    end: end === 'EOF' ? Infinity : Number(end),
    text: `${kind} ${file} ${start} ${end}`,
    pattern: `OFDLCK .* ${file} ${start} ${end}$`,
  }));
}

/**
 * Those of others among all locks that exclude what a process uses, or use what it does not share.
 * QEMU takes its locks only where none is in the way; whoever does not ask can be in the way of the
 * next one.
 */
export function conflictingLocks(
  all: readonly FileLock[],
  own: readonly FileLock[],
): readonly FileLock[] {
  const others = [...all];
  for (const { text } of own) {
    const index = others.findIndex((lock) => lock.text === text);
    if (index >= 0) others.splice(index, 1);
  }
  return others.filter((lock) =>
    own.some(({ inode, start, end }) => {
      if (inode !== lock.inode) return false;
      for (let byte = start; byte <= Math.min(end, unsharedFrom + permissions); byte++) {
        const opposite = byte >= unsharedFrom ? byte - usedFrom : byte + usedFrom;
        if (byte >= usedFrom && lock.start <= opposite && opposite <= lock.end) return true;
      }
      return false;
    }),
  );
}
