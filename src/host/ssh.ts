import type { Duplex } from 'node:stream';
import * as v from 'valibot';
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
  Micros,
  RunOptions,
  RunResult,
} from './host';
import { Lifetime } from './lifetime';
import { connectError } from './local/connect';
import { fileError } from './local/file-operations';
import { timeoutError } from './local/run';
import { namelessError, startError } from './local/spawn';
import { toHostError } from './local/system-error';
import { goneError } from './local/when-listening';
import type { ProcessExit, ProcessFacts, ProcessIdentity, ProcessSpec, Signal } from './process';
import type { SshConnection } from './ssh/connection';
import type { RemoteClock } from './ssh/remote/clock';
import { Helper, HelperError, type CallOptions } from './ssh/remote/helper';
import * as results from './ssh/remote/results';
import { Streams } from './ssh/streams';

export interface SshHostOptions {
  /** Act as root, by `sudo -n`, which asks for no password: where the VMs belong to another user. */
  readonly sudo?: boolean;
  readonly signal?: AbortSignal;
}

/** How long a login shell may take to come to our command, in ms. */
const startTimeoutMs = 30_000;

/**
 * Takes a connection's host into service; the connection is then the host's, and closed with it.
 * @throws HostError `NO_PYTHON`, `SUDO_REFUSED`, `SSH_SHELL`, `DISCONNECTED`, `CANCELLED`
 */
export async function openSshHost(
  connection: SshConnection,
  { sudo = false, signal }: SshHostOptions = {},
): Promise<SshHost> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    const message = `The login shell at ${connection.destination} did not come to run a command within ${startTimeoutMs / 1000} s. Check what its start-up files wait for.`;
    late.abort(new HostError('SSH_SHELL', message, connection.destination));
  }, startTimeoutMs);
  const until = signal ? AbortSignal.any([late.signal, signal]) : late.signal;
  try {
    const helper = await Helper.start(connection, sudo, until);
    return new SshHost(connection, helper, await helper.readClock(), sudo);
  } catch (error) {
    connection.dispose();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A Linux host behind SSH. What is to be done there a helper program does, on one long-lived channel;
 * each call is one round trip. `connect` opens a channel besides, and with `waitFor` takes two.
 */
export class SshHost implements Host {
  readonly name: string;
  readonly facts: HostFacts;
  /** Resolves with the reason once the connection is over; never rejects. */
  readonly closed: Promise<HostError>;

  readonly #connection: SshConnection;
  readonly #helper: Helper;
  readonly #clock: RemoteClock;
  readonly #streams: Streams;
  readonly #lifetime = new Lifetime();

  constructor(connection: SshConnection, helper: Helper, clock: RemoteClock, sudo: boolean) {
    this.name = connection.name;
    this.facts = helper.facts;
    this.#connection = connection;
    this.#helper = helper;
    this.#clock = clock;
    this.#streams = new Streams(connection, helper, sudo);
    this.closed = helper.closed.then((reason) => {
      void this.#lifetime.end(reason);
      connection.dispose();
      return reason;
    });
  }

  now(): Micros {
    return this.#clock.now();
  }

  async run(
    argv: readonly string[],
    { stdin, cwd, env, signal, timeoutMs, onStdout }: RunOptions = {},
  ): Promise<RunResult> {
    const [program] = argv;
    if (!program) throw namelessError();
    const request = {
      ...{ argv, cwd: cwd ?? null, env: env ?? {}, timeoutMs: timeoutMs ?? null },
      ...{ stdin: stdin === undefined ? null : base64(stdin), follow: onStdout !== undefined },
    };
    const onEvent = (data: unknown) => onStdout?.(v.parse(results.Output, data));
    try {
      return await this.#call('run', request, results.RunAnswer, { signal, onEvent });
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      if (error.failed.timeout) throw timeoutError(argv, timeoutMs ?? 0);
      throw startError(error, program, error.failed.missingFolder ? cwd : undefined);
    }
  }

  async files<const Ops extends readonly FileOperation[]>(
    operations: Ops,
  ): Promise<FileResults<Ops>> {
    const schema = v.tuple(operations.map(({ op }) => results.fileResults[op]));
    try {
      const answer: readonly FileResult<FileOperation>[] = await this.#call(
        'files',
        { operations: operations.map(wireOperation) },
        schema,
      );
      // One result for each operation, in order, each of its operation's type.
      return answer as FileResults<Ops>;
    } catch (error) {
      const failed = error instanceof HelperError && operations[error.failed.done ?? 0];
      throw failed ? fileError(error, failed) : error;
    }
  }

  async openAppend(path: string, mode = 0o600): Promise<Appender> {
    const doing = `append to ${path}`;
    const request = { path, mode };
    const appender = await this.#call('open_append', request, results.Handle).catch(
      inWords(doing, path),
    );
    let isOpen = true;
    const forget = this.#lifetime.keep(() => {
      isOpen = false;
    });
    return {
      append: async (data) => {
        if (!isOpen) throw new HostError('IO', `Cannot ${doing}: it is closed.`, path);
        await this.#call('append', { appender, data: base64(data) }, results.Nothing).catch(
          inWords(doing, path),
        );
      },
      close: async () => {
        if (!isOpen) return;
        forget();
        await this.#call('close', { appender }, results.Nothing);
      },
    };
  }

  watchGrowth(path: string, offset: number, onData: (data: Buffer) => void): Disposable {
    return this.#watch('watch_growth', { path, offset }, (data) => {
      onData(v.parse(results.Growth, data));
    });
  }

  watchFolder(path: string, onChange: () => void): Disposable {
    return this.#watch('watch_folder', { path }, onChange);
  }

  converse(
    conversations: readonly Conversation[],
    { signal, timeoutMs }: ConverseOptions,
  ): Promise<(readonly string[] | undefined)[]> {
    return this.#call('converse', { conversations, timeoutMs }, results.Said, { signal });
  }

  async connect(endpoint: Endpoint, { signal, waitFor }: ConnectOptions = {}): Promise<Duplex> {
    const until = this.#lifetime.untilEndOr(signal);
    const stream = await (waitFor
      ? this.#connectWhenListening(endpoint, waitFor, until)
      : this.#streams.open(endpoint, until));
    return this.#lifetime.keepStream(stream, until);
  }

  waitForListener(path: string, { signal, waitFor }: ConnectOptions = {}): Promise<void> {
    return this.#awaitListener({ unix: path }, waitFor, true, signal);
  }

  async start({ first = [], argv, cwd, env, outputPath }: ProcessSpec): Promise<ProcessIdentity> {
    const [program] = argv;
    if (!program) throw namelessError();
    const request = {
      first: first.map(wireOperation),
      ...{ argv, cwd: cwd ?? null, env: env ?? {}, outputPath },
    };
    try {
      return await this.#call('start', request, results.Identity);
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      const { done } = error.failed;
      const failed = done === undefined ? undefined : first[done];
      if (failed !== undefined) throw fileError(error, failed);
      if (error.failed.output)
        throw toHostError(error, `write output to ${outputPath}`, outputPath);
      throw startError(error, program, error.failed.missingFolder ? cwd : undefined);
    }
  }

  inspect(pids: readonly number[]): Promise<(ProcessFacts | undefined)[]> {
    return this.#call('inspect', { pids }, results.Inspected);
  }

  signal(process: ProcessIdentity, signal: Signal): Promise<boolean> {
    const { pid } = process;
    return this.#call('send_signal', { process, name: signal }, results.Truth).catch(
      inWords(`send ${signal} to process ${pid}`, String(pid)),
    );
  }

  waitForExit(process: ProcessIdentity, signal?: AbortSignal): Promise<ProcessExit | undefined> {
    return this.#call('wait_for_exit', { process }, results.Exit, { signal });
  }

  async lock(path: string): Promise<Lock | undefined> {
    const lock = await this.#call('lock', { path }, results.HandleOrNone).catch(
      inWords(`lock ${path}`, path),
    );
    if (lock === undefined) return undefined;
    let released: Promise<unknown> | undefined;
    return {
      release: async () => {
        // The end of the connection has released it.
        if (this.#lifetime.signal.aborted) return;
        await (released ??= this.#call('unlock', { lock }, results.Nothing));
      },
    };
  }

  /** Ends what is awaited (`CANCELLED`), closes what is open, releases locks. Processes run on. */
  async dispose(): Promise<void> {
    const reason = new HostError('CANCELLED', 'The connection to this host was closed.');
    await this.#lifetime.end(reason);
    await this.#helper.dispose(reason);
    this.#connection.dispose();
  }

  /** As long as nobody listens: what listened a moment ago may be gone when we come. */
  async #connectWhenListening(
    endpoint: Endpoint,
    process: ProcessIdentity,
    signal: AbortSignal,
  ): Promise<Duplex> {
    for (;;) {
      await this.#awaitListener(endpoint, process, false, signal);
      try {
        return await this.#streams.open(endpoint, signal);
      } catch (error) {
        const code = error instanceof HostError ? error.code : undefined;
        if (code !== 'NOT_LISTENING' && code !== 'NO_SUCH_FILE') throw error;
      }
    }
  }

  async #awaitListener(
    endpoint: Endpoint,
    process: ProcessIdentity | undefined,
    untouched: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const request = { endpoint, process: process ?? null, untouched };
    try {
      await this.#call('wait_for_listener', request, results.Nothing, { signal });
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      if (error.failed.gone && process) throw goneError(process, endpoint);
      throw connectError(error, endpoint);
    }
  }

  #watch(op: string, request: object, onEvent: (event: unknown) => void): Disposable {
    const end = new AbortController();
    const options = { signal: end.signal, onEvent };
    // It has no end of its own; that of the connection is told to whoever asks for something.
    this.#call(op, { ...request }, results.Nothing, options).catch(() => undefined);
    return this.#lifetime.keepWatch({
      dispose: () => {
        end.abort();
      },
    });
  }

  #call<const Schema extends v.GenericSchema>(
    op: string,
    request: Readonly<Record<string, unknown>>,
    answer: Schema,
    options?: CallOptions,
  ): Promise<v.InferOutput<Schema>> {
    return this.#helper.call(op, request, answer, options);
  }
}

/** An operation as the helper takes it. */
function wireOperation(operation: FileOperation): object {
  return 'data' in operation ? { ...operation, data: base64(operation.data) } : operation;
}

function base64(data: string | Uint8Array): string {
  return Buffer.from(data).toString('base64');
}

/** What the helper could not do, as an error that names it. */
function inWords(doing: string, subject: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof HelperError ? toHostError(error, doing, subject) : error;
  };
}
