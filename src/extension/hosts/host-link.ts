/**
 * The way to one host: opened when the user asks, opened again by itself when it is lost, until the
 * user closes it. Knows nothing of VS Code, nor of what it opens.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../../engine/engine';
import { reconnectDelay } from '../../host/ssh/reconnect';
import type { HostStatus } from '../../views/hosts';

/** A host that is open. */
export interface OpenHost {
  readonly engine: Engine;
  /** Resolves with the reason when the host is lost; never rejects. */
  readonly lost: Promise<unknown>;
  /** Lets go of the host. What runs there runs on. Never rejects. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Whether the user may be asked anything: not when it is opened again by itself. */
  readonly mayAsk: boolean;
  readonly signal: AbortSignal;
}

export type OpenFunction = (options: OpenOptions) => Promise<OpenHost>;

export interface HostLinkSetting {
  readonly open: OpenFunction;
  readonly onStatus: (status: HostStatus) => void;
  /** Whether trying again without the user could help after this failure. */
  readonly mayPass: (error: unknown) => boolean;
  /** For the n-th try to come back, from 1, how long to wait before it, in ms. */
  readonly backOffMs?: (attempt: number) => number;
}

export interface ConnectOptions {
  /** Whether the user may be asked anything. */
  readonly mayAsk: boolean;
  readonly signal?: AbortSignal;
}

/** The way in or back that is under way. */
interface Attempt {
  readonly mayAsk: boolean;
  readonly abort: AbortController;
  readonly engine: Promise<Engine>;
}

export class HostLink {
  #status: HostStatus = { state: 'disconnected' };
  #open: OpenHost | undefined;
  #attempt: Attempt | undefined;

  constructor(private readonly setting: HostLinkSetting) {}

  get status(): HostStatus {
    return this.#status;
  }

  /**
   * Connects, or joins a try that is under way, or gives what is connected already.
   * @throws what the opening throws; an aborted signal's reason
   */
  async connect(options: ConnectOptions): Promise<Engine> {
    if (this.#status.state === 'connected') return this.#status.engine;
    // One that comes back by itself may be waiting, and may not ask.
    if (this.#status.state === 'reconnecting') await this.disconnect();
    const joined = this.#attempt;
    try {
      return await this.#join(options);
    } catch (error) {
      // What a try that asks nothing has failed for may be what the user can answer.
      const mayHelp = options.mayAsk && joined?.mayAsk === false && !joined.abort.signal.aborted;
      if (!mayHelp) throw error;
      return this.#join(options);
    }
  }

  async #join({ mayAsk, signal }: ConnectOptions): Promise<Engine> {
    this.#attempt ??= this.#begin(mayAsk, (abort) => this.#connect(abort, mayAsk));
    const { abort, engine } = this.#attempt;
    const cancel = () => {
      abort.abort(signal?.reason);
    };
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel);
    try {
      return await engine;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends the connection, or the try to get one. Never rejects. */
  async disconnect(): Promise<void> {
    const attempt = this.#attempt;
    attempt?.abort.abort();
    await attempt?.engine.catch(() => undefined);
    const open = this.#open;
    this.#open = undefined;
    this.#tell({ state: 'disconnected' });
    await open?.close();
  }

  #begin(mayAsk: boolean, work: (abort: AbortController) => Promise<Engine>): Attempt {
    const abort = new AbortController();
    const engine = work(abort).finally(() => {
      if (this.#attempt?.abort === abort) this.#attempt = undefined;
    });
    // Whoever awaits it hears of a failure, and the status tells of it.
    engine.catch(() => undefined);
    return { mayAsk, abort, engine };
  }

  async #connect({ signal }: AbortController, mayAsk: boolean): Promise<Engine> {
    this.#tell({ state: 'connecting' });
    try {
      return await this.#openOnce({ mayAsk, signal });
    } catch (error) {
      this.#tell(signal.aborted ? { state: 'disconnected' } : { state: 'failed', error });
      throw error;
    }
  }

  async #openOnce(options: OpenOptions): Promise<Engine> {
    const open = await this.setting.open(options);
    if (options.signal.aborted) {
      await open.close();
      throw options.signal.reason;
    }
    this.#open = open;
    void open.lost.then((error) => this.#onLost(open, error));
    this.#tell({ state: 'connected', engine: open.engine });
    return open.engine;
  }

  async #onLost(open: OpenHost, error: unknown): Promise<void> {
    if (this.#open !== open) return;
    this.#open = undefined;
    this.#attempt = this.#begin(false, (abort) => this.#comeBack(abort, error));
    await open.close();
  }

  async #comeBack({ signal }: AbortController, lostBy: unknown): Promise<Engine> {
    const { backOffMs = randomDelay, mayPass } = this.setting;
    let error = lostBy;
    for (let attempt = 1; ; attempt++) {
      this.#tell({ state: 'reconnecting', attempt, error });
      try {
        await delay(backOffMs(attempt), undefined, { signal });
        return await this.#openOnce({ mayAsk: false, signal });
      } catch (failure) {
        if (signal.aborted) throw failure;
        error = failure;
        if (mayPass(failure)) continue;
        this.#tell({ state: 'failed', error });
        throw failure;
      }
    }
  }

  #tell(status: HostStatus): void {
    this.#status = status;
    this.setting.onStatus(status);
  }
}

function randomDelay(attempt: number): number {
  return reconnectDelay(attempt, Math.random());
}
