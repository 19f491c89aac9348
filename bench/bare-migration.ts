/**
 * A migration with nothing around it: starts the target, sends the QMP commands that are needed,
 * quits the source. What the engine is measured against; it uses nothing of the engine's.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Mode } from '../src/engine/mode';

export interface BareMigration {
  readonly sourceMonitor: string;
  readonly sourcePid: number;
  readonly targetDirectory: string;
  readonly emulator: string;
  readonly targetArguments: readonly string[];
  readonly mode: Mode;
}

export interface Measured {
  readonly totalMs: number;
  readonly downtimeMs: number;
}

interface Message {
  readonly event?: string;
  readonly data?: { readonly status?: string };
  readonly timestamp?: { readonly seconds: number; readonly microseconds: number };
  readonly id?: number;
  readonly error?: { readonly desc: string };
}

/** The least of a QMP client: commands in order, events kept. */
class Monitor {
  readonly #socket: Socket;
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #events: Message[] = [];
  readonly #waiting: (() => void)[] = [];
  #text = '';
  #lastId = 0;
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#text += data.toString();
      const lines = this.#text.split('\n');
      this.#text = lines.pop() ?? '';
      for (const line of lines) this.#receive(JSON.parse(line) as Message);
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        resolve();
      });
    });
    socket.on('error', () => undefined);
  }

  static async open(path: string): Promise<Monitor> {
    for (;;) {
      const socket = await new Promise<Socket | undefined>((resolve) => {
        const attempt = connect(path)
          .on('connect', () => {
            resolve(attempt);
          })
          .on('error', () => {
            resolve(undefined);
          });
      });
      if (socket !== undefined) {
        const monitor = new Monitor(socket);
        await monitor.execute('qmp_capabilities');
        return monitor;
      }
      await delay(1);
    }
  }

  async execute(execute: string, args?: object): Promise<void> {
    const id = ++this.#lastId;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#socket.write(`${JSON.stringify({ execute, arguments: args, id })}\n`);
    const { error } = await answer;
    if (error !== undefined) throw new Error(`${execute}: ${error.desc}`);
  }

  /** µs since the epoch of the first such event. */
  async event(name: string, status?: string): Promise<number> {
    for (;;) {
      const found = this.#events.find(
        ({ event, data }) => event === name && (status === undefined || data?.status === status),
      );
      if (found?.timestamp !== undefined) {
        return found.timestamp.seconds * 1e6 + found.timestamp.microseconds;
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }

  #receive(message: Message): void {
    if (message.event !== undefined) {
      this.#events.push(message);
      for (const wake of this.#waiting.splice(0)) wake();
    } else if (message.id !== undefined) this.#answers.get(message.id)?.(message);
  }
}

export async function migrateBare(
  bare: BareMigration,
): Promise<Measured & { readonly pid: number }> {
  const { mode, targetDirectory: directory } = bare;
  const begin = performance.now();
  const source = await Monitor.open(bare.sourceMonitor);
  mkdirSync(directory, { recursive: true });
  const child = spawn(bare.emulator, bare.targetArguments, { stdio: 'ignore', detached: true });
  child.unref();
  const capabilities = {
    capabilities: [
      'events',
      'return-path',
      ...(mode === 'ignore-shared' ? ['x-ignore-shared'] : []),
    ].map((capability) => ({ capability, state: true })),
  };
  const main = `${directory}/migrate.sock`;
  const cpr = `${directory}/cpr.sock`;
  const openTarget = async (): Promise<Monitor> => {
    const monitor = await Monitor.open(`${directory}/qmp.sock`);
    await monitor.execute('migrate-set-capabilities', capabilities);
    await monitor.execute('migrate-incoming', { uri: `unix:${main}` });
    return monitor;
  };
  const parameters = { 'max-bandwidth': 1024 ** 4, ...(mode === 'cpr-transfer' && { mode }) };
  let target: Monitor;
  if (mode === 'cpr-transfer') {
    while (!isListening(cpr)) await delay(1);
    await source.execute('migrate-set-capabilities', capabilities);
    await source.execute('migrate-set-parameters', parameters);
    const channel = (type: string, path: string) => ({
      'channel-type': type,
      addr: { transport: 'socket', type: 'unix', path },
    });
    await source.execute('migrate', { channels: [channel('main', main), channel('cpr', cpr)] });
    target = await openTarget();
  } else {
    target = await openTarget();
    await source.execute('migrate-set-capabilities', capabilities);
    await source.execute('migrate-set-parameters', parameters);
    await source.execute('migrate', { uri: `unix:${main}` });
  }
  const [stop, resume] = await Promise.all([
    source.event('STOP'),
    target.event('RESUME'),
    source.event('MIGRATION', 'completed'),
  ]);
  source.execute('quit').catch(() => undefined);
  await source.closed;
  while (isAlive(bare.sourcePid)) await delay(1);
  const totalMs = performance.now() - begin;
  target.end();
  return { totalMs, downtimeMs: (resume - stop) / 1000, pid: child.pid ?? 0 };
}

/** The kernel frees its ports only when the process is gone: a zombie is, once all threads are. */
function isAlive(pid: number): boolean {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
    return !['Z', 'X'].includes(fields[0] ?? '') || Number(fields[17]) > 1;
  } catch {
    return false;
  }
}

/** bind(2) makes the socket's file, listen(2) comes after: the kernel tells which it is. */
function isListening(path: string): boolean {
  if (!existsSync(path)) return false;
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.endsWith(` ${path}`) && line.includes(' 00010000 '));
}
