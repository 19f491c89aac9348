/** A process on a host, and how it is told from another that has come by the same pid. */

import type { FileOperation } from './files';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (`/proc/PID/stat`, field 22). */
  readonly startTime: number;
  /** The arguments as in `/proc/PID/cmdline`. */
  readonly argv: readonly string[];
}

export interface ProcessFacts extends ProcessIdentity {
  readonly cwd: string | undefined;
  readonly exe: string | undefined;
  readonly uid: number;
  /** µs since the Unix epoch. */
  readonly startedAt: number;
  /** `R`, `S`, `T` (stopped) ... as in `/proc/PID/stat`. */
  readonly state: string;
}

export interface ProcessSpec {
  /** Done before it is started, in the same round trip; if one fails, nothing is started. */
  readonly first?: readonly FileOperation[];
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard output and standard error are appended to this file; its standard input is empty. */
  readonly outputPath: string;
}

/** How a process ended: one of both is known. */
export interface ProcessExit {
  readonly status: number | undefined;
  /** The signal that ended it: `SIGSEGV`. */
  readonly killedBy: string | undefined;
}

export type Signal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';
