/** QMP, QEMU's machine protocol, over any duplex stream. */
import type { Duplex } from 'node:stream';
import { QmpError, callerOf } from './errors';
import { JsonSplitter } from './framing';
import { parseMessage, type QmpGreeting, type Received } from './messages';
import { Pending, type WaitOptions } from './pending';

export type { QmpGreeting, WaitOptions };

/** One message as it went over the wire. */
export interface TappedMessage {
  readonly direction: 'sent' | 'received';
  readonly kind: 'greeting' | 'command' | 'reply' | 'error' | 'event';
  /** The command's or event's name; of a reply or error, the name of the command it answers. */
  readonly name?: string;
  readonly id?: string;
  /** The JSON. */
  readonly message: unknown;
  readonly bytes: number;
  /** When it was written, or its last byte read: µs, from the client's `now`. */
  readonly at: number;
  /** Whose monitor it is, as given to the client. */
  readonly origin?: string;
}

/** Sees every message both ways, in the order of the wire. */
export type QmpTap = (message: TappedMessage) => void;

export interface QmpEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** QEMU's own timestamp: µs since the Unix epoch on the host's clock. */
  readonly at: number;
  /** When it reached us: µs, from the client's `now`. */
  readonly receivedAt: number;
}

export type QmpEventListener = (event: QmpEvent) => void;

/** A stream that can send file descriptors along with bytes (`SCM_RIGHTS` of a unix socket). */
export interface DescriptorStream extends Duplex {
  writeWithDescriptors(data: string, descriptors: readonly number[]): void;
}

export interface QmpClientOptions {
  /** The clock that stamps messages, in µs. */
  readonly now: () => number;
  readonly tap?: QmpTap;
  /** Hears events from the first on; one registered after `open` may miss some. */
  readonly onEvent?: QmpEventListener;
  /** Cancels `open`; without effect afterwards. */
  readonly signal?: AbortSignal;
  /** How long QEMU may take to greet, in ms; `Infinity` for no limit. Default 3000. */
  readonly greetingTimeoutMs?: number;
  /** For every command that names no other, in ms. Default: no limit. */
  readonly commandTimeoutMs?: number;
  /** Whose monitor it is, for the tap and in messages: `source`, `target`, a path. */
  readonly origin?: string;
  /** Ids are this and a number. Default `sidestep-`. */
  readonly idPrefix?: string;
}

export interface ExecuteOptions extends WaitOptions {
  /** Out of band, ahead of commands still running; in order where the monitor offers no `oob`. */
  readonly oob?: boolean;
  /** Sent along, as for `getfd` and `add-fd`. The stream must be a `DescriptorStream`. */
  readonly descriptors?: readonly number[];
}

interface Command {
  readonly name: string;
  readonly answer: Pending<unknown>;
}

interface Outgoing {
  readonly id: string;
  readonly name: string;
  readonly message: object;
  /** The message as it goes over the wire. */
  readonly text: string;
}

const defaultGreetingTimeoutMs = 3000;

/**
 * A client on a monitor, from the greeting to the end of the connection.
 *
 * Commands need not wait for each other: those sent in one tick leave as one write, and each reply
 * finds its command by id. Of several commands sent together the first failure may be awaited
 * alone: the rejections of the others count as handled.
 */
export class QmpClient {
  readonly #stream: Duplex;
  readonly #options: QmpClientOptions;
  /** How messages name the other side. */
  readonly #who: string;
  /** Resolves with the reason when the connection is over; never rejects. */
  readonly closed: Promise<Error>;
  #resolveClosed!: (reason: QmpError) => void;
  #closeReason: QmpError | undefined;

  /** Here once `open` resolves, and nobody has a client before. */
  #greeting!: QmpGreeting;
  readonly #greeted: Pending<QmpGreeting>;
  #oobEnabled = false;

  readonly #splitter = new JsonSplitter();
  readonly #listeners = new Set<QmpEventListener>();
  /** Every command without a reply, those included that nobody waits for any longer. */
  readonly #unanswered = new Map<string, Command>();
  /** Everything to be rejected when the connection ends. */
  readonly #waiting = new Set<Pending<never>>();
  #outgoing: Outgoing[] = [];
  #lastId = 0;

  /**
   * Waits for QEMU's greeting and leaves capabilities negotiation, with `oob` enabled where offered.
   * On failure the stream is destroyed.
   * @throws QmpError `MONITOR_BUSY`, `NOT_QMP`, `CLOSED`, `CANCELLED`, `TIMEOUT`, `COMMAND_FAILED`
   */
  static async open(stream: Duplex, options: QmpClientOptions): Promise<QmpClient> {
    const client = new QmpClient(stream, options);
    try {
      await client.#negotiate();
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  private constructor(stream: Duplex, options: QmpClientOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#who = options.origin === undefined ? 'QEMU' : `QEMU (${options.origin})`;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (options.onEvent) this.#listeners.add(options.onEvent);

    const timeoutMs = options.greetingTimeoutMs ?? defaultGreetingTimeoutMs;
    this.#greeted = this.#wait('did not greet', QmpClient.open, {
      timeoutMs,
      ...(options.signal && { signal: options.signal }),
      timeoutError: () =>
        new QmpError(
          'MONITOR_BUSY',
          `${this.#who} accepts a connection to this monitor and did not greet within ${timeoutMs} ms: ` +
            'another client holds the monitor. Disconnect that client, or use another monitor.',
        ),
    });

    stream.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    stream.on('end', () => {
      const where = this.#splitter.isWithinMessage ? ' in the middle of a message' : '';
      this.#end(new QmpError('CLOSED', `${this.#who} closed the monitor connection${where}.`));
    });
    stream.on('close', () => {
      this.#end(new QmpError('CLOSED', `The monitor connection to ${this.#who} was closed.`));
    });
    // Stays for good: a destroyed stream may still report an error, which must not be uncaught.
    stream.on('error', (cause) => {
      const message = `The monitor connection to ${this.#who} broke: ${cause.message}`;
      this.#end(new QmpError('CLOSED', message, { cause }));
    });
  }

  get greeting(): QmpGreeting {
    return this.#greeting;
  }

  get isOpen(): boolean {
    return this.#closeReason === undefined;
  }

  /**
   * Sends a command and gives what it returned. On a timeout or cancel we stop waiting, and QEMU
   * may still carry the command out.
   * @throws QmpError `COMMAND_FAILED`, `CLOSED`, `TIMEOUT`, `CANCELLED`, `NO_DESCRIPTORS`, `NOT_QMP`;
   *   its stack names the caller
   */
  execute(command: string, args?: object, options: ExecuteOptions = {}): Promise<unknown> {
    const { commandTimeoutMs, idPrefix = 'sidestep-' } = this.#options;
    const { oob = false, descriptors = [], signal, timeoutMs = commandTimeoutMs } = options;
    const answer = this.#wait<unknown>(`did not answer "${command}"`, this.execute, {
      command,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(signal && { signal }),
    });
    if (answer.isSettled) return answer.promise;

    const id = `${idPrefix}${++this.#lastId}`;
    const message = {
      [oob && this.#oobEnabled ? 'exec-oob' : 'execute']: command,
      ...(args && { arguments: args }),
      id,
    };
    const outgoing = { id, name: command, message, text: `${JSON.stringify(message)}\n` };
    if (descriptors.length === 0) {
      this.#unanswered.set(id, { name: command, answer });
      this.#enqueue(outgoing);
    } else if (isDescriptorStream(this.#stream)) {
      this.#unanswered.set(id, { name: command, answer });
      this.#flush();
      this.#tapSent(outgoing, this.#options.now());
      this.#stream.writeWithDescriptors(outgoing.text, descriptors);
    } else {
      answer.reject(
        'NO_DESCRIPTORS',
        `This connection to ${this.#who} cannot carry the file descriptors of "${command}": ` +
          'only a unix socket on this host can.',
      );
    }
    return answer.promise;
  }

  /** Hears every event from now on. */
  onEvent(listener: QmpEventListener): { dispose(): void } {
    // An entry of its own, so that one listener registered twice is two.
    const entry: QmpEventListener = (event) => {
      listener(event);
    };
    this.#listeners.add(entry);
    return { dispose: () => this.#listeners.delete(entry) };
  }

  /**
   * The next event of that name, or that the predicate takes. Call it before sending what causes
   * the event: reply and event often arrive together.
   * @throws QmpError `TIMEOUT`, `CANCELLED`, `CLOSED`, `NOT_QMP`; what the predicate throws
   */
  waitForEvent(
    which: string | ((event: QmpEvent) => boolean),
    options: WaitOptions = {},
  ): Promise<QmpEvent> {
    const what = typeof which === 'string' ? `no ${which} event` : 'no such event';
    const awaited = this.#wait<QmpEvent>(`sent ${what}`, this.waitForEvent, options);
    if (awaited.isSettled) return awaited.promise;
    const registration = this.onEvent((event) => {
      if (typeof which === 'string' ? event.name === which : which(event)) awaited.resolve(event);
    });
    awaited.onSettled(() => {
      registration.dispose();
    });
    return awaited.promise;
  }

  /** Ends the connection at once: what is not written yet is not sent, what is pending is rejected. */
  close(): void {
    this.#end(new QmpError('CLOSED', `We closed the monitor connection to ${this.#who}.`));
  }
}

function isDescriptorStream(stream: Duplex): stream is DescriptorStream {
  return 'writeWithDescriptors' in stream && typeof stream.writeWithDescriptors === 'function';
}
