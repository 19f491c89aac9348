/** Draws a migration's progress over one line of the terminal, as long as it lasts. */
import type { TraceRecord } from '../../engine/trace/record';
import { Progress } from './progress';
import type { Terminal } from './terminal';
import { cutToColumns } from '../../engine/text/width';

const redrawEveryMs = 100;

export class ProgressLine {
  readonly #progress = new Progress();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly terminal: Terminal,
    /** The host's clock, in µs. */
    private readonly now: () => number,
  ) {
    if (!terminal.canRedraw) return;
    this.#timer = setInterval(() => {
      this.#draw();
    }, redrawEveryMs);
  }

  readonly hear = (record: TraceRecord): void => {
    this.#progress.hear(record);
    // A phase is drawn as it begins: most are over before the next redraw.
    if (record.type === 'phase') this.#draw();
  };

  cancel(): void {
    this.#progress.cancel();
    const words = 'Cancelling; the guest runs on. One that has moved already is not moved back.';
    if (this.terminal.canRedraw) this.terminal.redraw('');
    this.terminal.printError(words);
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.terminal.canRedraw) this.terminal.redraw('');
  }

  #draw(): void {
    if (!this.terminal.canRedraw) return;
    // A line that fills the last column would wrap, and could not be drawn over.
    const columns = this.terminal.errorColumns - 1;
    this.terminal.redraw(cutToColumns(this.#progress.line(this.now()), columns));
  }
}
