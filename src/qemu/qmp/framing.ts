import { QmpError } from './errors';

/** A message as it came off the wire, and how many bytes it took there. */
export interface Frame {
  readonly message: unknown;
  readonly bytes: number;
}

const defaultLimit = 64 * 1024 * 1024;

/** As deep as QEMU itself takes JSON (`MAX_NESTING`): what is deeper breaks whoever walks through it. */
const deepest = 1024;

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('"\\{}[]');
const [space, tab, newline, carriageReturn] = Buffer.from(' \t\n\r');

/**
 * Cuts a byte stream into the JSON objects it holds, however the stream was cut on its way.
 *
 * An object ends where its braces close, not at a line's end: monitors with `pretty=on` spread one
 * over many lines. Every byte is looked at once and copied once. UTF-8 needs no care here: in it
 * no byte of a multi-byte character looks like a bracket or quote.
 */
export class JsonSplitter {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #heldBytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** @param limit the most bytes one message may take */
  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /** True while a message has begun and not ended. */
  get isWithinMessage(): boolean {
    return this.#depth > 0;
  }

  /**
   * The messages that `chunk` completes. The chunk may be kept: it must not be changed afterwards.
   * @throws QmpError `NOT_QMP`, after the messages before the offending bytes; use no further then
   */
  *push(chunk: Buffer): Generator<Frame, void> {
    let begin = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (this.#depth === 0) {
        if (byte === openBrace) {
          this.#depth = 1;
          begin = at;
        } else if (!isWhitespace(byte)) {
          throw notJson(chunk.subarray(at));
        }
      } else if (byte === quote) {
        this.#inString = true;
      } else if (byte === openBrace || byte === openBracket) {
        this.#depth++;
        if (this.#depth > deepest) throw tooDeep();
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth--;
        if (this.#depth === 0) {
          this.#hold(chunk.subarray(begin, at + 1));
          yield this.#take();
        }
      }
    }
    if (this.#depth > 0) this.#hold(chunk.subarray(begin));
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > this.#limit) {
      throw new QmpError(
        'NOT_QMP',
        `The monitor sent a message of more than ${this.#limit} bytes, which no QEMU does.`,
      );
    }
    this.#parts.push(part);
  }

  #take(): Frame {
    const bytes = this.#heldBytes;
    const [first, ...rest] = this.#parts;
    const whole = first !== undefined && rest.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#heldBytes = 0;
    try {
      return { message: JSON.parse(whole.toString('utf8')), bytes };
    } catch (cause) {
      throw notJson(whole, cause);
    }
  }
}

function tooDeep(): QmpError {
  return new QmpError(
    'NOT_QMP',
    `The monitor sent a message nested deeper than ${deepest}, which no QEMU does.`,
  );
}

function isWhitespace(byte: number | undefined): boolean {
  return byte === newline || byte === carriageReturn || byte === space || byte === tab;
}

function notJson(bytes: Buffer, cause?: unknown): QmpError {
  const excerpt = JSON.stringify(bytes.toString('utf8', 0, 60));
  return new QmpError(
    'NOT_QMP',
    `This is no QMP monitor: it sent ${excerpt} where JSON was due.`,
    cause === undefined ? {} : { cause },
  );
}
