/** What the host's kernel and its audit have said of one process. Data only; pure. */
import { deniedIn, type Denial } from './denials';

export interface HostLog {
  /** The kernel's line about having killed the process for want of memory. */
  readonly killedForMemory: string | undefined;
  /** What a security module has kept it from, in order. */
  readonly denials: readonly Denial[];
  /** Where the kernel puts a crashed program's core (core(5)). */
  readonly corePattern: string | undefined;
}

export const nothingLogged: HostLog = {
  killedForMemory: undefined,
  denials: [],
  corePattern: undefined,
};

/** A process, and from when on what is said of its pid is said of it: others may have had it before. */
export interface LoggedProcess {
  readonly pid: number;
  /** Seconds since the host booted, by which the kernel's log counts. */
  readonly sinceBoot: number;
  /** Seconds since the Unix epoch, by which the audit's log does. */
  readonly sinceEpoch: number;
}

/** The kernel's clock for its log differs by this at most from that of processes, in s. */
const clockTolerance = 10;

/** @param text the kernel's log (with times since the boot), the audit's log, or both */
export function parseHostLog(text: string, process: LoggedProcess): Omit<HostLog, 'corePattern'> {
  const lines = text.split('\n').filter((line) => isSince(line, process));
  return {
    killedForMemory: lines
      .find((line) => new RegExp(`[Kk]illed process ${process.pid}\\b`).test(line))
      ?.replace(/^\[[\s\d.]+\] ?/, ''),
    denials: lines.flatMap((line) => deniedIn(line, process.pid) ?? []),
  };
}

/** A line without a time is taken as it is. */
function isSince(line: string, { sinceBoot, sinceEpoch }: LoggedProcess): boolean {
  const [, audited] = /\baudit\((\d+\.\d+):\d+\)/.exec(line) ?? [];
  if (audited !== undefined) return Number(audited) >= sinceEpoch;
  const [, time] = /^\[\s*(\d+\.\d+)\]/.exec(line) ?? [];
  return time === undefined || Number(time) >= sinceBoot - clockTolerance;
}
