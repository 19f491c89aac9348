import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { HostError } from '../errors';

export interface ConnectionEnd {
  readonly error: HostError | undefined;
}

/**
 * A channel as a stream that keeps to what Node's own streams do: `destroy` closes it, what is
 * written to a closed one fails, and it ends with an error when the connection is lost. (ssh2's
 * channel drops such writes, and their callbacks, silently.)
 */
export class ChannelStream extends Duplex {
  readonly #channel: ClientChannel;

  /** @param connectionEnd how the connection has ended, if it has; without an error if we ended it */
  constructor(channel: ClientChannel, connectionEnd: () => ConnectionEnd | undefined) {
    super({ allowHalfOpen: true });
    this.#channel = channel;
    channel.on('data', (data: Buffer) => {
      if (!this.push(data)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('close', () => {
      const end = connectionEnd();
      if (end !== undefined || this.readableEnded) this.destroy(end?.error);
      else this.once('end', () => this.destroy());
    });
    // ssh2 reports what befalls the connection at its client; a channel has nothing to add.
    channel.on('error', () => undefined);
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(data: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#channel.write(data, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#channel.close();
    // A channel nobody reads does not tell that it was closed.
    this.#channel.resume();
    done(error);
  }
}
