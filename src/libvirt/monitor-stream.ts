/**
 * The QMP monitor of a domain that libvirt holds, as a stream like any other monitor's: commands go
 * through `virsh qemu-monitor-command`, events come from `virsh qemu-monitor-event`.
 */
import { Duplex } from 'node:stream';
import * as v from 'valibot';
import { followEvents } from './monitor-events';
import { virshText, type Virsh } from './virsh';

const Command = v.looseObject({ execute: v.string(), id: v.optional(v.unknown()) });
const Reply = v.looseObject({ id: v.optional(v.unknown()) });
const Version = v.object({ return: v.looseObject({}) });

/**
 * @param domain its UUID
 * @throws LibvirtError, HostError
 */
export async function openMonitorStream(
  virsh: Virsh,
  domain: string,
  signal?: AbortSignal,
): Promise<Duplex> {
  const stream = new MonitorStream(virsh, domain);
  try {
    await stream.greet(signal);
    if (stream.errored !== null) throw stream.errored;
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

class MonitorStream extends Duplex {
  readonly #virsh: Virsh;
  readonly #domain: string;
  readonly #over = new AbortController();
  #unread = '';
  /** Commands that wait for those before them: QEMU takes them in order. */
  readonly #waiting: v.InferOutput<typeof Command>[] = [];
  #isAsking = false;

  constructor(virsh: Virsh, domain: string) {
    super({ allowHalfOpen: false });
    this.#virsh = virsh;
    this.#domain = domain;
    // It may fail before anybody listens; who comes then is told.
    this.on('error', () => undefined);
    followEvents(
      virsh,
      { domain },
      ({ message }) => {
        this.#tell(message);
      },
      this.#over.signal,
    ).catch((error: unknown) => {
      this.destroy(asError(error));
    });
  }

  /** What QEMU would say first: libvirt has heard it long ago. */
  async greet(signal: AbortSignal | undefined): Promise<void> {
    const [reply] = await this.#ask([{ execute: 'query-version' }], signal);
    const { return: version } = v.parse(Version, reply);
    this.#tell({ QMP: { version, capabilities: [] } });
  }

  override _read(): void {
    // What there is to be told is told as it comes.
  }

  override _write(data: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const lines = (this.#unread + data.toString()).split('\n');
    this.#unread = lines.pop() ?? '';
    try {
      for (const line of lines.filter((each) => each.trim() !== '')) {
        this.#waiting.push(v.parse(Command, JSON.parse(line)));
      }
    } catch (error) {
      done(asError(error));
      return;
    }
    // Not awaited: what is written is taken over, as by a socket.
    void this.#answerAll();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#over.abort();
    done(error);
  }

  /** Those that are told at once, or while others are asked, go together. */
  async #answerAll(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        const commands = this.#waiting.splice(0);
        const own = commands.filter(({ execute }) => execute === 'qmp_capabilities');
        for (const { id } of own) this.#tell({ return: {}, id });
        const others = commands.filter((command) => !own.includes(command));
        const replies = await this.#ask(others, this.#over.signal);
        replies.forEach((reply, index) => {
          const { id } = others[index] ?? {};
          this.#tell({ ...reply, id });
        });
      }
    } catch (error) {
      this.destroy(asError(error));
    } finally {
      this.#isAsking = false;
    }
  }

  /** libvirt gives each command an id of its own. */
  async #ask(
    commands: readonly v.InferOutput<typeof Command>[],
    signal: AbortSignal | undefined,
  ): Promise<v.InferOutput<typeof Reply>[]> {
    if (commands.length === 0) return [];
    const words = commands.map((command) => [
      'qemu-monitor-command',
      this.#domain,
      JSON.stringify({ ...command, id: undefined }),
    ]);
    const printed = await this.#virsh.run([virshText(words)], { ...(signal && { signal }) });
    return printed
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => v.parse(Reply, JSON.parse(line)));
  }

  #tell(message: object): void {
    if (!this.destroyed) this.push(`${JSON.stringify(message)}\r\n`);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
