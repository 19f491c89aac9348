/** What Linux tells of a process in /proc (proc(5)), from its text to data. */

export interface ProcStat {
  /** `R`, `S`, `T` (stopped), `Z` (zombie) ... */
  readonly state: string;
  /** The whole process's, those that are still ending included. */
  readonly threads: number;
  /** Clock ticks from boot to the process's start. */
  readonly startTime: number;
}

/** `/proc/PID/stat` and the like count in USER_HZ, 100 a second on every architecture QEMU runs on. */
export const ticksPerSecond = 100;

/** `/proc/PID/stat`, or undefined if the text is none. */
export function parseStat(text: string): ProcStat | undefined {
  // Field 2, the name in parentheses, may itself hold spaces and parentheses.
  const [state, ...fromField4] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const threads = Number(fromField4[20 - 4]);
  const startTime = Number(fromField4[22 - 4]);
  return state === undefined || Number.isNaN(startTime) ? undefined : { state, threads, startTime };
}

/**
 * Whether a process has ended, and only waits for its parent to take notice. While other threads
 * are still ending the first one is a zombie already, and the process holds its ports and locks.
 */
export function hasEnded({ state, threads }: ProcStat): boolean {
  return (state === 'Z' || state === 'X') && threads <= 1;
}

/** `/proc/PID/cmdline`: each argument ends with a NUL byte; empty for a zombie. */
export function parseCommandLine(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const text = bytes.toString('utf8');
  // A process that rewrote its title may have left no NUL at the end.
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}

/** The effective user in `/proc/PID/status`. */
export function parseUid(text: string): number | undefined {
  const match = /^Uid:\t\d+\t(\d+)/m.exec(text);
  return match ? Number(match[1]) : undefined;
}

/** When the host booted, by `/proc/stat`, in seconds since the Unix epoch. */
export function parseBootTime(text: string): number | undefined {
  const match = /^btime (\d+)$/m.exec(text);
  return match ? Number(match[1]) : undefined;
}

/** Whether `/proc/net/unix` has a socket that was bound to this path and listens (SO_ACCEPTCON). */
export function hasUnixListener(table: string, path: string): boolean {
  // Searched for as it is: a path may hold spaces and line breaks.
  const line = / \w{8} \w{8} 00010000 \w{4} \w{2} +\d+ $/;
  const end = ` ${path}\n`;
  for (let at = table.indexOf(end); at >= 0; at = table.indexOf(end, at + 1)) {
    if (line.test(table.slice(table.lastIndexOf('\n', at) + 1, at + 1))) return true;
  }
  return false;
}
