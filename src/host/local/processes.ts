import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  hasEnded,
  parseBootTime,
  parseCommandLine,
  parseStat,
  parseUid,
  ticksPerSecond,
  type ProcStat,
} from '../proc';
import type { ProcessExit, ProcessFacts, ProcessIdentity, ProcessSpec, Signal } from '../process';
import { cancellation, orCancelled, pause } from './cancellation';
import { spawnProgram } from './spawn';
import { errnoOf, toHostError } from './system-error';

/** The processes of this machine, and among them those we started in this life. */
export class Processes {
  readonly #own = new Map<string, OwnChild>();
  /** How those of them ended that have, for whoever asks later. */
  readonly #exits = new Map<string, ProcessExit>();

  async start(spec: ProcessSpec): Promise<ProcessIdentity> {
    const output = openOutput(spec.outputPath);
    try {
      const child = await spawnProgram(spec, ['ignore', output, output]);
      // A child's pid is its own until the event loop reaps it, so nothing is awaited before this.
      const identity: ProcessIdentity = {
        pid: child.pid,
        startTime: readStat(child.pid)?.startTime ?? 0,
        argv: readOwnArguments(child.pid) ?? spec.argv,
      };
      const key = keyOf(identity);
      const own = new OwnChild(child);
      this.#own.set(key, own);
      void own.exit.then((exit) => {
        this.#own.delete(key);
        this.#exits.set(key, exit);
      });
      return identity;
    } finally {
      closeSync(output);
    }
  }

  inspect(pids: readonly number[]): Promise<(ProcessFacts | undefined)[]> {
    return Promise.all(pids.map((pid) => inspect(pid)));
  }

  async signal(identity: ProcessIdentity, signal: Signal): Promise<boolean> {
    const { pid } = identity;
    // A wrapper script execs what it wraps, so a child's command line changes; that it is our
    // child, not yet reaped, proves more than the command line does.
    if (!this.#own.has(keyOf(identity))) {
      const argv = await readArguments(pid);
      if (!isDeepStrictEqual(argv, [...identity.argv])) return false;
    }
    // The last look and the signal lie in one turn, microseconds apart.
    if (!isAlive(identity)) return false;
    try {
      process.kill(pid, signal);
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ESRCH') return false;
      throw toHostError(error, `send ${signal} to process ${pid}`, String(pid));
    }
  }

  /**
   * Resolves when pid and start time no longer name a living process, whatever it executes. A child
   * tells its end by itself. Of a stranger's the kernel tells only a pidfd, out of reach without
   * native code: it is looked at, first after 1 ms, at last every 10 ms.
   */
  async waitForExit(
    identity: ProcessIdentity,
    signal: AbortSignal,
  ): Promise<ProcessExit | undefined> {
    if (signal.aborted) throw cancellation(signal);
    const key = keyOf(identity);
    const own = this.#own.get(key);
    if (own) return own.waitForExit(signal);
    for (let ms = 1; isAlive(identity); ms = Math.min(2 * ms, 10)) await pause(ms, signal);
    return this.#exits.get(key);
  }
}

/** A child that does not keep us from ending, except while somebody waits for its end. */
class OwnChild {
  readonly exit: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  #waiting = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.exit = new Promise((resolve) => {
      child.once('exit', (status, killedBy) => {
        resolve({ status: status ?? undefined, killedBy: killedBy ?? undefined });
      });
    });
    child.unref();
  }

  async waitForExit(signal: AbortSignal): Promise<ProcessExit> {
    this.#waiting++;
    this.#child.ref();
    try {
      return await orCancelled(this.exit, signal);
    } finally {
      if (--this.#waiting === 0) this.#child.unref();
    }
  }
}

function keyOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`;
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw toHostError(error, `write output to ${path}`, path);
  }
}

/** Synchronous: `/proc/PID/stat` waits for nothing, and is read in 10 µs. */
function readStat(pid: number): ProcStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readStat(pid);
  return stat?.startTime === startTime && !hasEnded(stat);
}

/** Undefined if it has ended already. Within execve(2) there is a moment without arguments. */
function readOwnArguments(pid: number): string[] | undefined {
  for (;;) {
    const argv = parseCommandLine(readFileSync(`/proc/${pid}/cmdline`));
    if (argv.length > 0) return argv;
    const stat = readStat(pid);
    if (!stat || hasEnded(stat)) return undefined;
  }
}

/** Asynchronous: the kernel locks the process's memory map for it, which QEMU may hold for long. */
async function readArguments(pid: number): Promise<string[] | undefined> {
  const bytes = await unlessGone(readFile(`/proc/${pid}/cmdline`));
  return bytes && parseCommandLine(bytes);
}

async function inspect(pid: number): Promise<ProcessFacts | undefined> {
  const stat = readStat(pid);
  if (!stat || hasEnded(stat)) return undefined;
  const [argv, status, cwd, exe, bootTime] = await Promise.all([
    readArguments(pid),
    unlessGone(readFile(`/proc/${pid}/status`, 'latin1')),
    unlessHidden(readlink(`/proc/${pid}/cwd`)),
    unlessHidden(readlink(`/proc/${pid}/exe`)),
    bootTimeOfHost(),
  ]);
  const uid = status === undefined ? undefined : parseUid(status);
  if (!argv || uid === undefined) return undefined;
  const startedAt = Math.round((bootTime + stat.startTime / ticksPerSecond) * 1e6);
  return { pid, startTime: stat.startTime, argv, cwd, exe, uid, startedAt, state: stat.state };
}

let bootTime: Promise<number> | undefined;
function bootTimeOfHost(): Promise<number> {
  return (bootTime ??= readFile('/proc/stat', 'latin1').then((text) => parseBootTime(text) ?? 0));
}

async function unlessGone<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined;
    throw toHostError(error, 'read from /proc', '/proc');
  }
}

/** Another user's, or a kernel thread's, which has none. */
async function unlessHidden(promise: Promise<string>): Promise<string | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}
