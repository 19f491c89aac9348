/** A migration's channel that goes through this process, and so can be broken in the middle. */
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What is handed on in one go, in bytes, about every millisecond: what follows the guest has to last. */
const portion = 16 * 1024;
/** How long nothing comes, in ms, from a source that has sent all. */
const silence = 100;

/** What of the stream does not get through at once. */
export type ChannelKind =
  | 'whole'
  | 'slow'
  /** Of all that the source sends, the last bytes. */
  | 'keeps the end'
  /** All that the target answers. */
  | 'keeps the answers';

export class BreakableChannel {
  readonly #streams: Socket[] = [];
  readonly #server = createServer({ allowHalfOpen: true });
  #receivedAt = 0;
  #isUsed!: () => void;
  /** Resolves once something has been sent by it. */
  readonly used = new Promise<void>((resolve) => {
    this.#isUsed = resolve;
  });

  constructor(private readonly kind: ChannelKind) {}

  /** Of a socket that QEMU listens on already; it gets its place back by listening anew. */
  async takeThePlaceOf(path: string): Promise<void> {
    const real = `${path}.real`;
    await rename(path, real);
    await this.listen(path, real);
  }

  /** @param real where QEMU listens by the time the other one connects */
  async listen(path: string, real: string): Promise<void> {
    this.#server.on('connection', (near) => {
      const far = connect({ path: real, allowHalfOpen: true });
      this.#streams.push(near, far);
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.once('readable', this.#isUsed);
      if (this.kind === 'keeps the answers') far.resume();
      else far.pipe(near);
      if (this.kind === 'slow') void handOnSlowly(near, far);
      else if (this.kind === 'keeps the end') this.#handOnButTheEnd(near, far);
      else near.pipe(far);
    });
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  /** What is in it is lost. */
  async break(): Promise<void> {
    while (this.kind === 'keeps the end' && Date.now() < this.#receivedAt + silence)
      await delay(silence);
    this.close();
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#server.close();
  }

  #handOnButTheEnd(from: Socket, to: Socket): void {
    let end = Buffer.alloc(0);
    from.on('data', (chunk: Buffer) => {
      this.#receivedAt = Date.now();
      end = Buffer.concat([end, chunk]);
      to.write(end.subarray(0, -portion));
      end = end.subarray(-portion);
    });
  }
}

async function handOnSlowly(from: Socket, to: Socket): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += portion) {
        to.write(chunk.subarray(at, at + portion));
        await delay(1);
      }
    }
    to.end();
  } catch {
    // It was broken.
  }
}
