/** A trace on its way from its file to a page: whole from its start, and then as it grows. */
import { setTimeout as delay } from 'node:timers/promises';
import { asSidestepError, SidestepError } from '../../engine/errors';
import { TraceReader } from '../../engine/trace/file';
import type { TraceRecord } from '../../engine/trace/record';
import type { Disposable, Host } from '../../host/host';

/** Records told at once, so that a page stays responsive while a long trace comes. */
const batchSize = 50_000;
/** What comes within this time is told together: more often than the screen changes is no use. */
const gatherMs = 16;
/** What is there already is told as a whole, if it can be read within this time. */
const gatherStartMs = 1_000;

export interface TraceAudience {
  /**
   * Hears the next records. The feed waits for it, and gathers meanwhile.
   * @param fromStart they are the trace's first: what was told before is of another, or out of date
   */
  hear(records: readonly TraceRecord[], fromStart: boolean): PromiseLike<unknown>;
  /** There is nothing to tell (any more), and why; of a file that cannot be read yet, it may come. */
  hearProblem(problem: SidestepError): void;
}

export class TraceFeed implements Disposable {
  readonly #reader: TraceReader;
  readonly #watch: Disposable;
  #waiting: TraceRecord[] = [];
  #fromStart = true;
  /** Bytes. */
  #heard = 0;
  /** Bytes that were there at the beginning, once that is known. */
  #there: number | undefined;
  #failure: SidestepError | undefined;
  #isSending = false;
  #disposed = false;

  constructor(
    host: Pick<Host, 'run' | 'watchGrowth'>,
    private readonly path: string,
    private readonly audience: TraceAudience,
  ) {
    this.#reader = new TraceReader(path);
    this.#watch = host.watchGrowth(path, 0, (data) => {
      this.#read(data);
    });
    void this.#look(host);
  }

  dispose(): void {
    this.#disposed = true;
    this.#watch.dispose();
  }

  #read(data: Buffer): void {
    if (this.#disposed || this.#failure !== undefined) return;
    this.#heard += data.length;
    try {
      for (const record of this.#reader.read(data)) {
        if (record.type === 'header') {
          this.#waiting = [];
          this.#fromStart = true;
        }
        this.#waiting.push(record);
      }
    } catch (error) {
      this.#failure = asSidestepError(error);
      this.#watch.dispose();
    }
    if (!this.#isSending) void this.#send();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    await this.#gatherStart();
    while (this.#waiting.length > 0 && !this.#disposed) {
      const records = this.#waiting.splice(0, batchSize);
      const fromStart = this.#fromStart;
      this.#fromStart = false;
      await Promise.all([this.audience.hear(records, fromStart), delay(gatherMs)]);
    }
    this.#isSending = false;
    if (this.#failure !== undefined && !this.#disposed) this.audience.hearProblem(this.#failure);
  }

  async #gatherStart(): Promise<void> {
    const end = performance.now() + gatherStartMs;
    do await delay(gatherMs);
    while (this.#isStarting() && performance.now() < end);
  }

  #isStarting(): boolean {
    if (!this.#fromStart || this.#failure !== undefined || this.#disposed) return false;
    return this.#there === undefined || this.#heard < this.#there;
  }

  /** The watch waits for a file that is not there, and so for one that nobody will ever write. */
  async #look(host: Pick<Host, 'run'>): Promise<void> {
    let problem: SidestepError;
    try {
      // It opens the file, but only asks for its size.
      const { status, stdout } = await host.run(['wc', '-c', this.path]);
      this.#there = status === 0 ? Number.parseInt(stdout.toString(), 10) : 0;
      if (status === 0) return;
      problem = new SidestepError(
        'TRACE_MISSING',
        `There is no trace ${this.path} that can be read.`,
        { path: this.path, hint: 'It is shown as soon as it is there.' },
      );
    } catch (error) {
      this.#there = 0;
      problem = asSidestepError(error);
    }
    if (this.#heard === 0 && !this.#disposed) this.audience.hearProblem(problem);
  }
}
