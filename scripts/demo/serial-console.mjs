/** A client of the guest's serial socket, as `socat` would be one, that comes back when QEMU hangs up. */
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';

/**
 * A line of the guest's counter.
 * @typedef {object} Tick
 * @property {string} text
 * @property {number} tick
 * @property {number} uptime the guest's clock, in s
 * @property {number} at our clock, in s, when the line came
 * @property {number} connection which of our connections it came over, from 1
 */

/** How soon a connection is tried again, in ms. */
const retryMs = 10;

export const counterLine = /^tick (\d+) uptime ([\d.]+)\r?$/;

export class SerialConsole extends EventEmitter {
  /** @type {Tick[]} */
  ticks = [];
  connections = 0;
  #closed = false;
  /** @type {import('node:net').Socket | undefined} */
  #socket;

  constructor(/** @type {string} */ path) {
    super();
    this.#connect(path);
  }

  /**
   * Resolves when so many lines have come over this connection or later ones.
   * @param {{ count: number; connection: number; signal: AbortSignal }} wanted
   * @returns {Promise<Tick[]>} the lines
   */
  async read({ count, connection, signal }) {
    for (;;) {
      const found = this.ticks.filter((tick) => tick.connection >= connection);
      if (found.length >= count) return found;
      await once(this, 'tick', { signal });
    }
  }

  close() {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #connect(/** @type {string} */ path) {
    if (this.#closed) return;
    let rest = '';
    const socket = connect(path);
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('connect', () => this.connections++);
    socket.on('data', (/** @type {string} */ text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(line);
    });
    // QEMU has gone, or its successor is not there yet.
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(() => this.#connect(path), retryMs));
  }

  #hear(/** @type {string} */ line) {
    const [, tick, uptime] = counterLine.exec(line) ?? [];
    if (tick === undefined) return;
    this.ticks.push({
      text: line.trimEnd(),
      tick: Number(tick),
      uptime: Number(uptime),
      at: Date.now() / 1000,
      connection: this.connections,
    });
    this.emit('tick');
  }
}

/**
 * How much later than its clock says these lines of the guest came, in s; only differences between
 * two such numbers mean something. A delay on the way makes a line late, never early: the least counts.
 */
export function lag(/** @type {readonly Tick[]} */ ticks) {
  return Math.min(...ticks.map(({ at, uptime }) => at - uptime));
}
