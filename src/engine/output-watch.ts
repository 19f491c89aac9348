/** Follows what an instance's QEMU prints: into the trace, and its last words for an error. */
import type { Disposable, Host } from '../host/host';
import type { Trace } from './trace/trace';

const lastWordsBytes = 4096;

/** The line that says why: QEMU goes on from a cause to what comes of it, after its warnings. */
export function reasonIn(output: string): string {
  const lines = output.trim().split('\n');
  return lines.find((line) => !/\b(?:warning|info): /.test(line)) ?? lines.at(-1) ?? '';
}

export class OutputWatch implements Disposable {
  readonly #watch: Disposable;
  /** Bytes that the watch has brought, and that the trace has. */
  #watched = 0;
  #told = 0;

  constructor(
    private readonly host: Host,
    private readonly path: string,
    private readonly instance: number,
    private readonly trace: Trace,
  ) {
    this.#watch = host.watchGrowth(path, 0, (data) => {
      this.#tell(data, this.#watched);
      this.#watched += data.length;
    });
  }

  /** The end of what it printed so far; empty if nothing. All of it is in the trace by then. */
  async lastWords(): Promise<string> {
    const [read] = await this.host.files([{ op: 'read', path: this.path }]);
    const data = read ?? Buffer.alloc(0);
    this.#tell(data, 0);
    return data.subarray(-lastWordsBytes).toString().trim();
  }

  dispose(): void {
    this.#watch.dispose();
  }

  /** @param offset where in the file the data lies; what was told already is left out */
  #tell(data: Buffer, offset: number): void {
    const rest = data.subarray(Math.max(0, this.#told - offset));
    if (rest.length === 0) return;
    this.#told = offset + data.length;
    this.trace.add({ type: 'output', instance: this.instance, text: rest.toString() });
  }
}
