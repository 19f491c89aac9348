import type { Socket } from 'node:net';
import { HostError } from '../errors';
import type { Conversation, ConverseOptions } from '../host';
import { cancellation, onAbort, pause } from './cancellation';
import { connectOnce } from './connect';
import { errnoOf } from './system-error';

/** ms between attempts at a listener whose queue is full. */
const longestRetry = 10;

/** Talks with all of them at once. */
export function converse(
  conversations: readonly Conversation[],
  { timeoutMs }: Pick<ConverseOptions, 'timeoutMs'>,
  signal: AbortSignal,
): Promise<(readonly string[] | undefined)[]> {
  return Promise.all(
    conversations.map(async (conversation) => {
      const time = new AbortController();
      const timer = setTimeout(() => {
        time.abort();
      }, timeoutMs);
      try {
        const lines = await converseOnce(conversation, AbortSignal.any([signal, time.signal]));
        if (signal.aborted) throw cancellation(signal);
        return lines;
      } catch (error) {
        if (signal.aborted) throw cancellation(signal);
        // Somebody listens, and never came to us.
        if (time.signal.aborted) return [];
        if (error instanceof HostError) return undefined;
        throw error;
      } finally {
        clearTimeout(timer);
      }
    }),
  );
}

/** The lines that came until it was over, or until the signal aborted. */
async function converseOnce(
  { endpoint, send, lines: wanted }: Conversation,
  signal: AbortSignal,
): Promise<string[]> {
  const socket = await connectWhenTaken(endpoint, signal);
  const received = new Lines();
  await new Promise<void>((resolve) => {
    const forget = onAbort(signal, end);
    socket.on('data', (data: Buffer) => {
      received.add(data);
      if (received.lines.length >= wanted) end();
    });
    socket.once('error', end).once('close', end);
    socket.write(send, () => {
      if (wanted === 0) end();
    });
    function end(): void {
      forget();
      socket.destroy();
      resolve();
    }
  });
  return received.lines.slice(0, wanted);
}

/** A unix listener whose queue is full (EAGAIN) takes us later; QEMU's monitors queue one client. */
async function connectWhenTaken(
  endpoint: Conversation['endpoint'],
  signal: AbortSignal,
): Promise<Socket> {
  for (let ms = 1; ; ms = Math.min(2 * ms, longestRetry)) {
    try {
      return await connectOnce(endpoint, signal);
    } catch (error) {
      if (!(error instanceof HostError) || errnoOf(error.cause) !== 'EAGAIN') throw error;
    }
    await pause(ms, signal);
  }
}

/** Whole lines, without what ends them. */
class Lines {
  readonly lines: string[] = [];
  #rest: Buffer[] = [];

  add(data: Buffer): void {
    let start = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
      const line = Buffer.concat([...this.#rest, data.subarray(start, end)]).toString();
      this.lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      this.#rest = [];
      start = end + 1;
    }
    if (start < data.length) this.#rest.push(data.subarray(start));
  }
}
