/** What a host has handed out, ended together with the host. */
import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Disposable } from './host';
import { cancellation } from './local/cancellation';

type Close = () => void | Promise<void>;

export class Lifetime {
  readonly #open = new Set<Close>();
  readonly #end = new AbortController();

  constructor() {
    // One listener for each wait under way is no leak.
    setMaxListeners(0, this.#end.signal);
  }

  /** Aborts at the end, with its reason. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Aborts at the end, and with the signal. */
  untilEndOr(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([this.#end.signal, signal]) : this.#end.signal;
  }

  /** Has `close` called at the end, unless the result was called before. */
  keep<Result extends void | Promise<void>>(close: () => Result): () => Result {
    let closed: { readonly result: Result } | undefined;
    const closeOnce = (): Result => {
      this.#open.delete(closeOnce);
      return (closed ??= { result: close() }).result;
    };
    this.#open.add(closeOnce);
    return closeOnce;
  }

  keepWatch(watch: Disposable): Disposable {
    return {
      dispose: this.keep(() => {
        watch.dispose();
      }),
    };
  }

  /**
   * Has a stream destroyed at the end.
   * @param until of the wait that it came out of: it may have come true and been cancelled in one turn
   * @throws HostError `CANCELLED`, or the reason of the end
   */
  keepStream(stream: Duplex, until: AbortSignal): Duplex {
    const destroy = this.keep(() => {
      stream.destroy();
    });
    if (until.aborted) {
      destroy();
      throw cancellation(until);
    }
    return stream.once('close', destroy);
  }

  /** Ends what is awaited (with this reason), and closes what is open. */
  async end(reason: Error): Promise<void> {
    if (!this.#end.signal.aborted) this.#end.abort(reason);
    await Promise.all(
      [...this.#open].map(async (close) => {
        await close();
      }),
    );
  }
}
