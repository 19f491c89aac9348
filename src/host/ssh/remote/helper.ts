import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { HostError } from '../../errors';
import type { HostFacts } from '../../host';
import { cancellation, onAbort } from '../../local/cancellation';
import type { SshConnection, SshProcess } from '../connection';
import { RemoteClock, type ClockSample } from './clock';
import { Message, Micros, parseLine, type Failed } from './results';
import { startHelper, type Started } from './start';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what comes before the answer. */
  readonly onEvent?: (event: unknown) => void;
}

/** Between questions for the host's time, in ms. The helper leaves when it hears nothing for long. */
const pingMs = 10_000;
/** One of a few that are sent together is hardly held up. */
const firstPings = 5;
/** For the helper to let go of its locks when it is told to leave, in ms. */
const leaveTimeoutMs = 2_000;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

/** A request that the helper could not fulfil: for whoever made it to put in words. */
export class HelperError extends Error {
  override readonly name = 'HelperError';
  /** As a system call of our own would have it. */
  readonly code: string | undefined;
  constructor(readonly failed: Failed) {
    super(failed.reason ?? 'it failed');
    this.code = failed.errno;
  }
}

/**
 * The program that does on the host what we ask for (helper/main.py), on one session channel for as long
 * as the connection lasts. Requests made in one turn of the event loop leave in one write, and none
 * waits for the answer to another.
 */
export class Helper {
  readonly facts: HostFacts;
  /** Resolves with the reason once it can be asked no more; never rejects. */
  readonly closed: Promise<HostError>;

  readonly #process: SshProcess;
  readonly #pending = new Map<number, Pending>();
  #outgoing: string[] = [];
  #lastId = 0;
  #ended: HostError | undefined;

  private constructor(connection: SshConnection, { process, facts, lines }: Started) {
    this.facts = facts;
    this.#process = process;
    lines.listen((line) => {
      this.#receive(line);
    });
    const left = process.exited.then(async () => {
      const { destination } = connection;
      const message = `Sidestep's helper at ${destination} has ended. What runs there runs on; connect again.`;
      const ended = new HostError('DISCONNECTED', message, destination);
      // If the connection has gone with it, that is the reason.
      return Promise.race([connection.closed, Promise.resolve(ended)]);
    });
    this.closed = Promise.race([connection.closed, left]).then((reason) => this.#end(reason));
  }

  /** @throws HostError as `startHelper` */
  static async start(
    connection: SshConnection,
    sudo: boolean,
    signal: AbortSignal,
  ): Promise<Helper> {
    return new Helper(connection, await startHelper(connection, sudo, signal));
  }

  /** Asks for the host's time now, and again and again. */
  async readClock(): Promise<RemoteClock> {
    const samples = Array.from({ length: firstPings }, () => this.#askTime());
    const clock = new RemoteClock(await Promise.all(samples));
    const pings = setInterval(() => {
      this.#askTime().then(
        (sample) => {
          clock.correct(sample);
        },
        () => undefined, // whoever waits for something else is told
      );
    }, pingMs);
    pings.unref();
    void this.closed.then(() => {
      clearInterval(pings);
    });
    return clock;
  }

  /**
   * Makes one request.
   * @throws HelperError; HostError `DISCONNECTED`, `CANCELLED`
   */
  call<const Schema extends v.GenericSchema>(
    op: string,
    request: Readonly<Record<string, unknown>>,
    answer: Schema,
    { signal, onEvent }: CallOptions = {},
  ): Promise<v.InferOutput<Schema>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancellation(signal);
      if (this.#ended) throw this.#ended;
      const id = ++this.#lastId;
      const forget = signal
        ? onAbort(signal, () => {
            this.#pending.delete(id);
            this.#send({ cancel: id });
            reject(cancellation(signal));
          })
        : () => undefined;
      this.#pending.set(id, {
        onEvent,
        resolve: (result) => {
          forget();
          const parsed = v.safeParse(answer, result);
          if (parsed.success) resolve(parsed.output);
          else reject(new HostError('IO', `The host's answer to "${op}" makes no sense.`, op));
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      this.#send({ id, op, ...request });
    });
  }

  /** Ends it, and with it all that it holds and awaits. Resolves when it has gone. */
  async dispose(reason: HostError): Promise<void> {
    this.#end(reason);
    this.#process.stream.end();
    const left = new AbortController();
    await Promise.race([
      this.#process.exited,
      sleep(leaveTimeoutMs, undefined, { signal: left.signal }),
    ]).finally(() => {
      left.abort();
    });
    this.#process.stream.destroy();
  }

  async #askTime(): Promise<ClockSample> {
    const asked = performance.now();
    const host = await this.call('clock', {}, Micros);
    return { asked, answered: performance.now(), host };
  }

  #send(message: object): void {
    if (this.#ended) return;
    if (this.#outgoing.push(JSON.stringify(message)) > 1) return;
    process.nextTick(() => {
      const lines = this.#outgoing.splice(0);
      this.#process.stream.write(`${lines.join('\n')}\n`);
    });
  }

  #receive(line: string): void {
    const message = parseLine(Message, line);
    const pending = message && this.#pending.get(message.id);
    // Nobody waits any more for the answer to what was cancelled.
    if (!pending) return;
    if ('event' in message) {
      pending.onEvent?.(message.event);
      return;
    }
    this.#pending.delete(message.id);
    if ('error' in message) pending.reject(new HelperError(message.error));
    else pending.resolve(message.result);
  }

  #end(reason: HostError): HostError {
    if (!this.#ended) {
      this.#ended = reason;
      for (const { reject } of this.#pending.values()) reject(reason);
      this.#pending.clear();
    }
    return this.#ended;
  }
}
