import { Duplex } from 'node:stream';
import { QmpClient, type QmpClientOptions } from '../../../src/qemu/qmp/client';

interface SentCommand {
  readonly execute?: string;
  readonly 'exec-oob'?: string;
  readonly arguments?: unknown;
  readonly id: string;
}

export const greeting = {
  QMP: {
    version: { qemu: { micro: 13, minor: 0, major: 10 }, package: 'Debian 1:10.0.13' },
    capabilities: ['oob'],
  },
};

/** The far end of a client's stream: a test reads what was written, and says what QEMU would. */
export class FakeMonitor extends Duplex {
  /** Each write as it came. */
  readonly writes: string[] = [];
  #onWrite: (() => void) | undefined;

  override _read(): void {
    // What there is to read is pushed by the test.
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.record(data.toString());
    done();
  }

  protected record(text: string): void {
    this.writes.push(text);
    this.#onWrite?.();
  }

  get commands(): SentCommand[] {
    return this.writes
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SentCommand);
  }

  /** The id of the last command sent with that name. */
  idOf(name: string): string {
    const command = this.commands.findLast(
      (sent) => sent.execute === name || sent['exec-oob'] === name,
    );
    if (!command) throw new Error(`${name} was not sent`);
    return command.id;
  }

  async sent(count: number): Promise<void> {
    while (this.commands.length < count) {
      await new Promise<void>((resolve) => {
        this.#onWrite = resolve;
      });
    }
  }

  /** Says these messages in one chunk. */
  say(...messages: object[]): void {
    this.push(messages.map((message) => `${JSON.stringify(message)}\r\n`).join(''));
  }
}

/** The clock of clients in tests. */
export const now = (): number => 1_000_000;

/** A client past negotiation; further messages may come in the chunk that ends it. */
export async function openOn(
  monitor: FakeMonitor,
  options: Partial<QmpClientOptions> = {},
  ...alongside: object[]
): Promise<QmpClient> {
  const opening = QmpClient.open(monitor, { now, ...options });
  monitor.say(greeting);
  await monitor.sent(1);
  monitor.say({ return: {}, id: monitor.idOf('qmp_capabilities') }, ...alongside);
  return opening;
}

export function event(name: string, data: object = {}): object {
  return { event: name, data, timestamp: { seconds: 1_700_000_000, microseconds: 25 } };
}
