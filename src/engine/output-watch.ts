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

  constructor(
    private readonly host: Host,
    private readonly path: string,
    instance: number,
    trace: Trace,
  ) {
    this.#watch = host.watchGrowth(path, 0, (data) => {
      trace.add({ type: 'output', instance, text: data.toString() });
    });
  }

  /** The end of what it printed so far; empty if nothing. */
  async lastWords(): Promise<string> {
    const [data] = await this.host.files([{ op: 'read', path: this.path }]);
    return (data ?? Buffer.alloc(0)).subarray(-lastWordsBytes).toString().trim();
  }

  dispose(): void {
    this.#watch.dispose();
  }
}
