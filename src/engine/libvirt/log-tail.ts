/** A daemon's log to a file of ours: heard as it grows, and to its end once nobody writes to it. */
import type { Disposable, Host } from '../../host/host';
import { readParts } from '../../host/read-parts';

export class LogTail {
  /** Bytes heard. */
  #position = 0;
  #hasEnded = false;
  #limit: { readonly bytes: number; readonly reached: () => void } | undefined;
  readonly #watch: Disposable;

  constructor(
    private readonly host: Host,
    readonly path: string,
    private readonly onData: (data: Buffer) => void,
  ) {
    this.#watch = host.watchGrowth(path, 0, (data) => {
      if (!this.#hasEnded) this.#hear(data);
    });
  }

  /** Resolves once so many bytes were heard; may never. */
  whenLargerThan(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#limit = { bytes, reached: resolve };
    });
  }

  /** Hears what is left, and removes the file. */
  async finish(): Promise<void> {
    this.dispose();
    const [stat] = await this.host.files([{ op: 'stat', path: this.path }]);
    if (stat === undefined) return;
    for await (const part of readParts(this.host, this.path, { offset: this.#position })) {
      this.#hear(part);
    }
    await this.host.files([{ op: 'remove', path: this.path }]);
  }

  dispose(): void {
    this.#hasEnded = true;
    this.#watch.dispose();
  }

  #hear(data: Buffer): void {
    this.#position += data.length;
    this.onData(data);
    if (this.#limit !== undefined && this.#position > this.#limit.bytes) this.#limit.reached();
  }
}
