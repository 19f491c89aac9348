import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Duplex } from 'node:stream';
import { HostError } from './errors';
import type { FileOperation, FileResult, FileResults } from './files';
import type {
  Appender,
  ConnectOptions,
  Conversation,
  ConverseOptions,
  Disposable,
  Endpoint,
  Host,
  HostFacts,
  Lock,
  RunOptions,
  RunResult,
} from './host';
import { Lifetime } from './lifetime';
import { openAppender } from './local/appender';
import { createClock } from './local/clock';
import { connectOnce } from './local/connect';
import { converse } from './local/converse';
import { isLook, performFileOperation } from './local/file-operations';
import { requireListener } from './local/listener';
import { takeLock } from './local/lock';
import { Processes } from './local/processes';
import { runProgram } from './local/run';
import { watchFolder } from './local/watch-folder';
import { watchGrowth } from './local/watch-growth';
import { whenListening } from './local/when-listening';
import type { ProcessExit, ProcessFacts, ProcessIdentity, ProcessSpec, Signal } from './process';

export function openLocalHost(): LocalHost {
  return new LocalHost();
}

/** This Linux machine. */
export class LocalHost implements Host {
  readonly name = 'local';
  readonly facts: HostFacts = {
    uid: process.getuid?.() ?? 0,
    runtimeDir: runtimeDir(),
    sharedMemoryDir: isWritableFolder('/dev/shm') ? '/dev/shm' : undefined,
  };
  readonly now = createClock();

  readonly #processes = new Processes();
  readonly #lifetime = new Lifetime();

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return runProgram(argv, options, this.#lifetime.untilEndOr(options.signal));
  }

  async files<const Ops extends readonly FileOperation[]>(
    operations: Ops,
  ): Promise<FileResults<Ops>> {
    const results: Promise<FileResult<FileOperation>>[] = [];
    for (const operation of operations) {
      // Those that only look need not wait for each other.
      const isChange = !isLook(operation);
      if (isChange) await Promise.all(results);
      const result = performFileOperation(operation);
      results.push(result);
      if (isChange) await result;
    }
    // One result for each operation, in order, each of its operation's type.
    return (await Promise.all(results)) as FileResults<Ops>;
  }

  async openAppend(path: string, mode?: number): Promise<Appender> {
    const appender = await openAppender(path, mode);
    const close = this.#lifetime.keep(() => appender.close());
    return { append: (data) => appender.append(data), close };
  }

  watchGrowth(path: string, offset: number, onData: (data: Buffer) => void): Disposable {
    return this.#lifetime.keepWatch(watchGrowth(path, offset, onData));
  }

  watchFolder(path: string, onChange: () => void): Disposable {
    return this.#lifetime.keepWatch(watchFolder(path, onChange));
  }

  converse(
    conversations: readonly Conversation[],
    { signal, timeoutMs }: ConverseOptions,
  ): Promise<(readonly string[] | undefined)[]> {
    return converse(conversations, { timeoutMs }, this.#lifetime.untilEndOr(signal));
  }

  async connect(endpoint: Endpoint, { signal, waitFor }: ConnectOptions = {}): Promise<Duplex> {
    const until = this.#lifetime.untilEndOr(signal);
    const attempt = (signal: AbortSignal) => connectOnce(endpoint, signal);
    const socket = await (waitFor
      ? whenListening(endpoint, waitFor, this.#processes, until, attempt)
      : attempt(until));
    return this.#lifetime.keepStream(socket, until);
  }

  waitForListener(path: string, { signal, waitFor }: ConnectOptions = {}): Promise<void> {
    const until = this.#lifetime.untilEndOr(signal);
    const attempt = () => requireListener(path);
    return whenListening({ unix: path }, waitFor, this.#processes, until, attempt);
  }

  async start(spec: ProcessSpec): Promise<ProcessIdentity> {
    if (spec.first !== undefined) await this.files(spec.first);
    return this.#processes.start(spec);
  }

  inspect(pids: readonly number[]): Promise<(ProcessFacts | undefined)[]> {
    return this.#processes.inspect(pids);
  }

  signal(process: ProcessIdentity, signal: Signal): Promise<boolean> {
    return this.#processes.signal(process, signal);
  }

  waitForExit(process: ProcessIdentity, signal?: AbortSignal): Promise<ProcessExit | undefined> {
    return this.#processes.waitForExit(process, this.#lifetime.untilEndOr(signal));
  }

  async lock(path: string): Promise<Lock | undefined> {
    const lock = await takeLock(path, this.#lifetime.signal);
    return lock && { release: this.#lifetime.keep(() => lock.release()) };
  }

  /** Ends what is awaited (`CANCELLED`), closes what is open, releases locks. Processes run on. */
  async dispose(): Promise<void> {
    await this.#lifetime.end(new HostError('CANCELLED', 'The connection to this host was closed.'));
  }
}

function runtimeDir(): string | undefined {
  const folder = process.env['XDG_RUNTIME_DIR'];
  // The specification has relative paths ignored.
  return folder && isAbsolute(folder) ? folder : undefined;
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
