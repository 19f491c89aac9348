/**
 * A place where QEMU runs. The engine knows only this interface; `local.ts` is this machine, an
 * SSH host fits behind the same calls.
 *
 * The interface is shaped for a round trip of 100 ms: a call is one round trip, however many
 * operations it carries, and what has to be awaited (a listener, the end of a process) is awaited
 * on the host's side.
 */
import type { Duplex } from 'node:stream';
import type { FileOperation, FileResults } from './files';
import type { ProcessExit, ProcessFacts, ProcessIdentity, ProcessSpec, Signal } from './process';

/** A point on the host's one wall clock, in µs since the Unix epoch: the clock QMP events carry. */
export type Micros = number;

export interface Disposable {
  dispose(): void;
}

/** What is known of a host as soon as it is connected, without a further round trip. */
export interface HostFacts {
  readonly uid: number;
  /** `XDG_RUNTIME_DIR` of the user, if there is one. */
  readonly runtimeDir: string | undefined;
  /** A folder on a memory file system, for guest RAM in files: `/dev/shm`. */
  readonly sharedMemoryDir: string | undefined;
}

export interface RunOptions {
  /** Given to the program's standard input, which is then closed. */
  readonly stdin?: Uint8Array | string;
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Told what the program writes to its standard output as it comes, which is then not collected. */
  readonly onStdout?: (data: Buffer) => void;
}

export interface RunResult {
  /** Exit status, or `undefined` when a signal ended the program. */
  readonly status: number | undefined;
  readonly killedBy: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Where a listener is: a unix socket's path, or an address and a TCP port. */
export type Endpoint = { readonly unix: string } | { readonly host: string; readonly port: number };

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /**
   * Wait until somebody listens. Ends with `PROCESS_GONE` once this process no longer lives, so a
   * QEMU that dies at its start is told apart from one that is slow.
   */
  readonly waitFor?: ProcessIdentity;
}

/** What is said to a listener, and how much is listened to. */
export interface Conversation {
  readonly endpoint: Endpoint;
  /** Written at once when connected. */
  readonly send: string;
  /** The connection is closed once this many lines have come. */
  readonly lines: number;
}

export interface ConverseOptions {
  readonly signal?: AbortSignal;
  /** For each conversation, in ms. */
  readonly timeoutMs: number;
}

/** A lock that its holder's death releases. */
export interface Lock {
  release(): Promise<void>;
}

/** A file that is only ever added to. */
export interface Appender {
  /**
   * Resolves when the bytes are in the file: a reader of the file sees them from then on. Those
   * begun earlier come first in the file, awaited or not.
   */
  append(data: Uint8Array | string): Promise<void>;
  /** Once all that was begun is in the file. */
  close(): Promise<void>;
}

export interface Host {
  /** As the user names it: `local`, or a host of the SSH configuration. */
  readonly name: string;
  readonly facts: HostFacts;

  /** The host's clock now. Never a round trip: a remote host's clock is measured at connect. */
  now(): Micros;

  /** Runs a program to its end. The arguments reach it as they are, no shell reads them. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;

  /**
   * Takes file operations in order, as one round trip; the first that fails ends it.
   * @throws HostError with the operation's `path`
   */
  files<const Ops extends readonly FileOperation[]>(operations: Ops): Promise<FileResults<Ops>>;

  openAppend(path: string, mode?: number): Promise<Appender>;

  /**
   * Tells the bytes that a file holds from `offset` on, and then each growth as it happens, until
   * disposed. A file that does not exist yet is waited for.
   */
  watchGrowth(path: string, offset: number, onData: (data: Buffer) => void): Disposable;

  /**
   * Tells when an entry directly in a folder is made, renamed or removed, until disposed; what
   * happens in a burst is told once. A folder that does not exist yet is waited for.
   */
  watchFolder(path: string, onChange: () => void): Disposable;

  /**
   * Talks shortly with any number of listeners at the same time, as one round trip.
   * @returns for each conversation the lines that came until it was over (all that were asked for,
   *   the end of the connection, the timeout); undefined where nobody listens or we may not
   */
  converse(
    conversations: readonly Conversation[],
    options: ConverseOptions,
  ): Promise<(readonly string[] | undefined)[]>;

  /**
   * Connects to a listener.
   * @throws HostError `NO_SUCH_FILE`, `NOT_LISTENING`, `PERMISSION_DENIED`, `PROCESS_GONE`, `CANCELLED`
   */
  connect(endpoint: Endpoint, options?: ConnectOptions): Promise<Duplex>;

  /**
   * Resolves when somebody listens on a unix socket, without a connection to it: for a listener
   * that takes one only.
   * @throws HostError `PROCESS_GONE`, `CANCELLED`
   */
  waitForListener(path: string, options?: ConnectOptions): Promise<void>;

  /** Starts a process that outlives us and our connection, in a session of its own. */
  start(spec: ProcessSpec): Promise<ProcessIdentity>;

  /** The facts of each process in one round trip, `undefined` for one that does not live (or is a zombie). */
  inspect(pids: readonly number[]): Promise<(ProcessFacts | undefined)[]>;

  /**
   * Signals a process, if pid, start time and command line are still those recorded.
   * @returns false when that process no longer lives; whoever has its pid now is left alone
   */
  signal(process: ProcessIdentity, signal: Signal): Promise<boolean>;

  /**
   * Resolves when the process no longer lives, at once if it does not now.
   * @returns how it ended, which the kernel tells only of a process that was started through this
   *   very connection
   */
  waitForExit(process: ProcessIdentity, signal?: AbortSignal): Promise<ProcessExit | undefined>;

  /**
   * Takes a lock, which is released by `release` or by our death, whichever comes first.
   * @returns undefined when another holder has it
   */
  lock(path: string): Promise<Lock | undefined>;

  dispose(): Promise<void>;
}
