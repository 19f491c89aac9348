import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { HostError } from '../errors';
import { cancellation, onAbort } from '../local/cancellation';
import { ChannelStream } from './channel-stream';
import type { SshConnection, SshProcess } from './connection';
import { channelError, lossOf } from './ssh2-errors';

/** A connection over an ssh2 client that is authenticated. */
export class ClientConnection implements SshConnection {
  readonly closed: Promise<HostError>;
  readonly #client: Client;
  readonly #onClosed: () => void;
  #lost: HostError | undefined;
  /** We have ended it ourselves: for nobody an error. */
  #disposed = false;

  /** @param onClosed called once, whatever ended the connection */
  constructor(
    readonly name: string,
    readonly destination: string,
    client: Client,
    onClosed: () => void,
  ) {
    this.#client = client;
    this.#onClosed = onClosed;
    let lastError: Error | undefined;
    client.on('error', (error) => {
      lastError = error;
    });
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        resolve(this.#lose(lossOf(lastError, this.destination)));
      });
    });
  }

  async exec(command: string, signal?: AbortSignal): Promise<SshProcess> {
    const channel = await this.#open(undefined, signal, (done) => this.#client.exec(command, done));
    const exited = new Promise<number | undefined>((resolve) => {
      channel.once('exit', (status: number | null) => {
        resolve(status ?? undefined);
      });
      channel.once('close', () => {
        resolve(undefined);
      });
    });
    return { stream: this.#streamOf(channel), stderr: channel.stderr, exited };
  }

  async openUnix(path: string, signal?: AbortSignal): Promise<Duplex> {
    const channel = await this.#open(path, signal, (done) =>
      this.#client.openssh_forwardOutStreamLocal(path, done),
    );
    return this.#streamOf(channel);
  }

  async openTcp(host: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const channel = await this.#open(`${host}:${port}`, signal, (done) =>
      this.#client.forwardOut('127.0.0.1', 0, host, port, done),
    );
    return this.#streamOf(channel);
  }

  dispose(): void {
    this.#disposed ||= this.#lost === undefined;
    this.#lose(new HostError('DISCONNECTED', `The connection to ${this.destination} was closed.`));
    this.#client.end();
  }

  #lose(reason: HostError): HostError {
    if (this.#lost === undefined) {
      this.#lost = reason;
      this.#onClosed();
    }
    return this.#lost;
  }

  #streamOf(channel: ClientChannel): ChannelStream {
    return new ChannelStream(
      channel,
      () => this.#lost && { error: this.#disposed ? undefined : this.#lost },
    );
  }

  /**
   * Opens a channel; one that opens when it is no longer wanted is closed at once.
   * @param address what it leads to; undefined for a session
   */
  #open(
    address: string | undefined,
    signal: AbortSignal | undefined,
    open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void,
  ): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancellation(signal);
      if (this.#lost !== undefined) throw this.#lost;
      let cancelled = false;
      const forget =
        signal === undefined
          ? undefined
          : onAbort(signal, () => {
              cancelled = true;
              reject(cancellation(signal));
            });
      try {
        open((error, channel) => {
          forget?.();
          if (error !== undefined)
            reject(this.#lost ?? channelError(error, address, this.destination));
          else if (cancelled) channel.close();
          else resolve(channel);
        });
      } catch (error) {
        // ssh2 throws when its socket has ended, and tells its `close` only later.
        forget?.();
        reject(lossOf(error, this.destination));
      }
    });
  }
}
