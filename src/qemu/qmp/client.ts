/** QMP, QEMU's machine protocol, over any duplex stream. */
import type { Duplex } from 'node:stream';
import { QmpError, callSite, type CallSite } from './errors';
import { JsonSplitter } from './framing';
import {
  parseMessage,
  type QmpGreeting,
  type Received,
  type ReceivedError,
  type ReceivedReply,
} from './messages';
import { Pending, type PendingOptions, type WaitOptions } from './pending';

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
  /** Of an event, QEMU's own timestamp: µs since the Unix epoch on the host's clock. */
  readonly eventAt?: number;
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

type PendingDetails = Omit<PendingOptions, 'failure' | 'callSite'>;

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
  readonly #waiting = new Set<Pick<Pending<unknown>, 'abandon'>>();
  #outgoing: Outgoing[] = [];
  #lastId = 0;

  /**
   * Waits for QEMU's greeting and ends capabilities negotiation, with `oob` enabled where offered.
   * On failure the stream is destroyed.
   * @throws QmpError `MONITOR_BUSY`, `NOT_QMP`, `CLOSED`, `CANCELLED`
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
    this.#greeted = this.#wait('did not greet', callSite(), {
      timeoutMs,
      signal: options.signal,
      timeoutMeans: {
        code: 'MONITOR_BUSY',
        hint: ' Most likely another client holds this monitor: disconnect it, or use another one.',
      },
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
    // One that is over already tells nothing more.
    if (!stream.readable) {
      this.#end(new QmpError('CLOSED', `The monitor connection to ${this.#who} is closed.`));
    }
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
    const answer = this.#wait(`did not answer "${command}"`, callSite(), {
      command,
      timeoutMs,
      signal,
    });
    if (answer.isSettled) return answer.promise;

    const id = `${idPrefix}${++this.#lastId}`;
    const message = {
      [oob && this.#oobEnabled ? 'exec-oob' : 'execute']: command,
      ...(args && { arguments: args }),
      id,
    };
    const outgoing = { id, name: command, message, text: `${JSON.stringify(message)}\n` };

    const carrier = isDescriptorStream(this.#stream) ? this.#stream : undefined;
    if (descriptors.length > 0 && !carrier) {
      answer.reject(
        'NO_DESCRIPTORS',
        `This connection to ${this.#who} cannot carry the file descriptors of "${command}": ` +
          'only a unix socket on this host can.',
      );
      return answer.promise;
    }
    this.#unanswered.set(id, { name: command, answer });
    if (descriptors.length === 0) {
      this.#enqueue(outgoing);
    } else {
      // Descriptors belong to the very bytes they are sent with, so this command goes by itself.
      this.#flush();
      this.#tapSent([outgoing]);
      carrier?.writeWithDescriptors(outgoing.text, descriptors);
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
   * @throws QmpError `TIMEOUT`, `CANCELLED`, `CLOSED`, `NOT_QMP`
   */
  waitForEvent(
    which: string | ((event: QmpEvent) => boolean),
    options: WaitOptions = {},
  ): Promise<QmpEvent> {
    const what = typeof which === 'string' ? `no ${which} event` : 'no such event';
    const awaited = this.#wait<QmpEvent>(`sent ${what}`, callSite(), options);
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

  async #negotiate(): Promise<void> {
    this.#greeting = await this.#greeted.promise;
    const enable = this.#greeting.capabilities.filter((capability) => capability === 'oob');
    const { greetingTimeoutMs: timeoutMs = defaultGreetingTimeoutMs } = this.#options;
    // QEMU takes commands in order, so those that follow need not wait for the answer: one round
    // trip less. Should it be an error, the connection is of no use to them.
    this.execute('qmp_capabilities', enable.length > 0 ? { enable } : undefined, {
      timeoutMs,
    }).then(
      () => {
        this.#oobEnabled = enable.length > 0;
      },
      (error: unknown) => {
        if (error instanceof QmpError) this.#end(error);
      },
    );
  }

  #wait<T>(failure: string, site: CallSite, options: PendingDetails): Pending<T> {
    const pending = new Pending<T>({
      ...options,
      failure: `${this.#who} ${failure}`,
      callSite: site,
    });
    this.#waiting.add(pending);
    pending.onSettled(() => this.#waiting.delete(pending));
    if (this.#closeReason) pending.abandon(this.#closeReason);
    return pending;
  }

  #enqueue(outgoing: Outgoing): void {
    this.#outgoing.push(outgoing);
    if (this.#outgoing.length > 1) return;
    process.nextTick(() => {
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.isOpen || this.#outgoing.length === 0) return;
    const batch = this.#outgoing;
    this.#outgoing = [];
    this.#tapSent(batch);
    this.#stream.write(batch.map(({ text }) => text).join(''));
  }

  #receive(chunk: Buffer): void {
    const at = this.#options.now();
    try {
      for (const { message, bytes } of this.#splitter.push(chunk)) {
        // A listener may have closed the client in the middle of a chunk.
        if (!this.isOpen) return;
        this.#take(parseMessage(message), message, bytes, at);
      }
    } catch (error) {
      this.#end(error instanceof QmpError ? error : new QmpError('NOT_QMP', String(error)));
    }
  }

  #take(received: Received, message: unknown, bytes: number, at: number): void {
    const seen = { direction: 'received', message, bytes, at } as const;
    switch (received.kind) {
      case 'greeting':
        this.#tap({ ...seen, kind: 'greeting' });
        this.#greeted.resolve(received.greeting);
        break;
      case 'event': {
        const { name, data } = received;
        this.#tap({ ...seen, kind: 'event', name, eventAt: received.at });
        this.#tell({ name, data, at: received.at, receivedAt: at });
        break;
      }
      case 'reply':
      case 'error': {
        const { id = '' } = received;
        const command = this.#unanswered.get(id);
        this.#unanswered.delete(id);
        const { kind } = received;
        this.#tap({ ...seen, kind, ...(command && { name: command.name, id }) });
        if (command) this.#answer(command, received);
        break;
      }
    }
  }

  #answer({ name, answer }: Command, received: ReceivedReply | ReceivedError): void {
    if (received.kind === 'reply') {
      answer.resolve(received.value);
      return;
    }
    const { errorClass, desc } = received;
    answer.reject('COMMAND_FAILED', `${this.#who} failed "${name}": ${desc}`, { errorClass, desc });
  }

  #tell(event: QmpEvent): void {
    for (const listener of [...this.#listeners]) {
      guard(() => {
        listener(event);
      });
    }
  }

  #tapSent(batch: readonly Outgoing[]): void {
    if (!this.#options.tap) return;
    const at = this.#options.now();
    for (const { id, name, message, text } of batch) {
      const bytes = Buffer.byteLength(text);
      this.#tap({ direction: 'sent', kind: 'command', name, id, message, bytes, at });
    }
  }

  #tap(message: TappedMessage): void {
    const { tap, origin } = this.#options;
    if (!tap) return;
    guard(() => {
      tap(origin === undefined ? message : { ...message, origin });
    });
  }

  #end(reason: QmpError): void {
    if (this.#closeReason) return;
    this.#closeReason = reason;
    this.#stream.destroy();
    for (const pending of [...this.#waiting]) pending.abandon(reason);
    this.#listeners.clear();
    this.#resolveClosed(reason);
  }
}

/** Runs what others gave us: what it throws is reported as a warning, and not our failure. */
function guard(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}

function isDescriptorStream(stream: Duplex): stream is DescriptorStream {
  return 'writeWithDescriptors' in stream && typeof stream.writeWithDescriptors === 'function';
}
