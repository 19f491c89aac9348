/** A trace as a file: written as things happen, readable while it grows. */
import { StringDecoder } from 'node:string_decoder';
import * as v from 'valibot';
import type { Appender } from '../../host/host';
import { SidestepError } from '../errors';
import { TraceRecordSchema, traceVersion, type TraceRecord } from './record';
import type { TraceListener } from './trace';

export function printRecord(record: TraceRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * Writes records to a file behind the engine's back: it never waits for the file, and a file that
 * can no longer be written (a full disk) ends the writing, not the migration.
 */
export class TraceWriter {
  #waiting = '';
  #turn: NodeJS.Immediate | undefined;
  #written: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(
    private readonly file: Promise<Appender>,
    /** Told once, when records can no longer be written. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  readonly listener: TraceListener = (record) => {
    if (this.#hasFailed) return;
    this.#waiting += printRecord(record);
    // What comes up within one turn of the event loop makes one write.
    this.#turn ??= setImmediate(() => {
      this.#write();
    });
  };

  async close(): Promise<void> {
    clearImmediate(this.#turn);
    this.#write();
    // One that could not be opened is told of where that was tried.
    const file = await this.file.catch(() => undefined);
    await Promise.all([
      this.#written,
      file?.close().catch((error: unknown) => {
        this.#fail(error);
      }),
    ]);
  }

  /** Does not wait for the write before: the file takes them in order. */
  #write(): void {
    this.#turn = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    if (text === '') return;
    const written = this.file.then((file) => file.append(text));
    this.#written = Promise.all([this.#written, written]).then(
      () => undefined,
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.onFailure(error);
  }
}

/**
 * Reads a trace as it comes, in pieces cut anywhere. A last line that is not yet whole waits for the
 * rest of it. A header after others begins a new trace: the file was replaced.
 */
export class TraceReader {
  readonly #decoder = new StringDecoder();
  #hasHeader = false;
  #lines = 0;
  /** The start of a line that is not yet whole. */
  #rest = '';
  /** Something other than spaces was seen. */
  #hasBegun = false;

  /**
   * @param path for errors
   * @param longestLine in characters: one that is longer is no record, and is not waited for
   */
  constructor(
    private readonly path: string,
    private readonly longestLine = 256 * 1024 * 1024,
  ) {}

  /**
   * The records that these bytes complete, each parsed when it is asked for: those before a line
   * that is no record are had before the error.
   * @throws SidestepError `NOT_A_TRACE`, `TRACE_TOO_NEW`; after that there is nothing more to read
   */
  *read(data: Buffer | string): Generator<TraceRecord, void> {
    const text = typeof data === 'string' ? data : this.#decoder.write(data);
    const end = text.lastIndexOf('\n') + 1;
    const whole = end === 0 ? '' : this.#rest + text.slice(0, end);
    this.#rest = (end === 0 ? this.#rest : '') + text.slice(end);
    // A file of another kind may not have a line at all.
    if (!this.#hasBegun && whole === '' && /^\s*[^{\s]/.test(text)) throw hasNoHeader(this.path);
    this.#hasBegun ||= /\S/.test(text);
    if (this.#rest.length > this.longestLine) {
      throw notATrace(this.path, `line ${this.#lines + 1} is longer than ${this.longestLine}`);
    }
    const lines = whole.split('\n');
    lines.pop();
    for (const line of lines) {
      this.#lines++;
      if (line !== '') yield this.#readLine(line);
    }
  }

  #readLine(line: string): TraceRecord {
    if (!this.#hasHeader && !line.startsWith('{')) throw hasNoHeader(this.path);
    const record = parseLine(line, this.#lines, this.path);
    // Before the other lines: a newer version may have records that this one does not know.
    if (record.type === 'header') {
      if (record.version > traceVersion) throw isTooNew(record.version, this.path);
      this.#hasHeader = true;
    }
    if (!this.#hasHeader) throw hasNoHeader(this.path);
    return record;
  }
}

/**
 * Reads a trace's lines. A last line that is not yet whole is left for later.
 * @throws SidestepError `NOT_A_TRACE`, `TRACE_TOO_NEW`
 */
export function readTrace(text: string, path: string): TraceRecord[] {
  const records = [...new TraceReader(path).read(text)];
  if (records.length === 0) throw hasNoHeader(path);
  return records;
}

function parseLine(line: string, number: number, path: string): TraceRecord {
  try {
    return v.parse(TraceRecordSchema, JSON.parse(line));
  } catch (error) {
    throw notATrace(path, `line ${number} is no record of it`, error);
  }
}

function hasNoHeader(path: string): SidestepError {
  return notATrace(path, 'it has no header');
}

function notATrace(path: string, reason: string, cause?: unknown): SidestepError {
  return new SidestepError('NOT_A_TRACE', `${path} is not a Sidestep trace: ${reason}.`, {
    hint: 'Give a file that `sidestep migrate` has written.',
    path,
    cause,
  });
}

function isTooNew(version: number, path: string): SidestepError {
  return new SidestepError(
    'TRACE_TOO_NEW',
    `${path} was written by a newer Sidestep (trace version ${version}, this one reads up to ${traceVersion}).`,
    { hint: 'Update Sidestep to read it.', path },
  );
}
