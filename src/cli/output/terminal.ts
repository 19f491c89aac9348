/** Where the command prints: its results on stdout, all that is about them on stderr. */

/** What of a stream is needed; a tty.WriteStream or a pipe. */
export interface OutputStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const sgr = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Paint = (style: keyof typeof sgr, text: string) => string;

export class Terminal {
  /** Paints what goes to stdout, or to stderr, if that may be coloured. */
  readonly paint: Paint;
  readonly paintError: Paint;
  /** Whether a line on stderr can be drawn over. */
  readonly canRedraw: boolean;

  constructor(
    private readonly stdout: OutputStream,
    private readonly stderr: OutputStream,
    environment: NodeJS.ProcessEnv,
    /** Aborts when nobody reads stdout any more. */
    readonly closed: AbortSignal,
  ) {
    const isDumb = environment['TERM'] === 'dumb';
    // https://no-color.org: set to anything but nothing.
    const hasColor = !isDumb && !environment['NO_COLOR'];
    this.paint = painter(hasColor && stdout.isTTY === true);
    this.paintError = painter(hasColor && stderr.isTTY === true);
    this.canRedraw = !isDumb && stderr.isTTY === true;
  }

  /** Columns to fit lines into on stdout; none for a file or a pipe, whose reader cuts for itself. */
  get columns(): number | undefined {
    return this.stdout.isTTY === true ? columnsOf(this.stdout) : undefined;
  }

  get errorColumns(): number {
    return columnsOf(this.stderr);
  }

  print(text: string): void {
    if (text !== '') this.stdout.write(`${text}\n`);
  }

  printError(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** Draws the line on stderr that the cursor stands in anew. */
  redraw(line: string): void {
    this.stderr.write(`\r\x1b[K${line}`);
  }
}

/** A terminal that nobody gave a size says 0. */
function columnsOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : 80;
}

function painter(hasColor: boolean): Paint {
  return (style, text) => (hasColor && text !== '' ? `\x1b[${sgr[style]}m${text}\x1b[0m` : text);
}
