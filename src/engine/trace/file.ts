/** A trace as a file: written as things happen, readable while it grows. */
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
  #writing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(
    private readonly file: Appender,
    /** Told once, when records can no longer be written. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  readonly listener: TraceListener = (record) => {
    if (this.#hasFailed) return;
    this.#waiting += printRecord(record);
    this.#writing ??= this.#drain();
  };

  async close(): Promise<void> {
    await this.#writing;
    await this.file.close();
  }

  async #drain(): Promise<void> {
    // What comes up within one turn of the event loop makes one write.
    await new Promise<void>((resolve) => setImmediate(resolve));
    try {
      while (this.#waiting !== '') {
        const text = this.#waiting;
        this.#waiting = '';
        await this.file.append(text);
      }
    } catch (error) {
      this.#hasFailed = true;
      this.onFailure(error);
    } finally {
      this.#writing = undefined;
    }
  }
}

/**
 * Reads a trace's lines. A last line that is not yet whole is left for later.
 * @throws SidestepError `NOT_A_TRACE`, `TRACE_TOO_NEW`
 */
export function readTrace(text: string, path: string): TraceRecord[] {
  const lines = text.split('\n');
  lines.pop();
  const [first, ...others] = lines.filter((line) => line !== '');
  const header = first === undefined ? undefined : readLine(first, 0, path);
  if (header?.type !== 'header') {
    throw new SidestepError('NOT_A_TRACE', `${path} is not a Sidestep trace: it has no header.`, {
      hint: 'Give a file that `sidestep migrate` has written.',
      path,
    });
  }
  // Before the other lines: a newer version may have records that this one does not know.
  if (header.version > traceVersion) {
    throw new SidestepError(
      'TRACE_TOO_NEW',
      `${path} was written by a newer Sidestep (trace version ${header.version}, this one reads up to ${traceVersion}).`,
      { hint: 'Update Sidestep to read it.', path },
    );
  }
  return [header, ...others.map((line, index) => readLine(line, index + 1, path))];
}

function readLine(line: string, index: number, path: string): TraceRecord {
  try {
    return v.parse(TraceRecordSchema, JSON.parse(line));
  } catch (error) {
    throw new SidestepError(
      'NOT_A_TRACE',
      `${path} is not a Sidestep trace: line ${index + 1} is no record of it.`,
      { hint: 'Give a file that `sidestep migrate` has written.', path, cause: error },
    );
  }
}
