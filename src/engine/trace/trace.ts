/** Where the engine tells what happens: records go out at once, to every listener. */
import type { Host, Micros } from '../../host/host';
import type { Phase, TraceRecord } from './record';
import { redact } from './redact';

/** A record before the trace has added the time and the phase. */
export type TraceEntry = TraceRecord extends infer Record
  ? Record extends TraceRecord
    ? Omit<Record, 'at' | 'phase'> & { at?: Micros; phase?: Phase }
    : never
  : never;

export type TraceListener = (record: TraceRecord) => void;

export class Trace {
  /** The phase under way, put on every record. */
  phase: Phase | undefined;
  readonly #listeners: TraceListener[] = [];

  constructor(readonly now: () => Micros) {}

  listen(listener: TraceListener): void {
    this.#listeners.push(listener);
  }

  add(entry: TraceEntry): TraceRecord {
    const record = redact({
      at: this.now(),
      ...(this.phase === undefined ? {} : { phase: this.phase }),
      ...entry,
    });
    for (const listener of this.#listeners) listener(record);
    return record;
  }
}

/** For short talks with a monitor outside of a migration, which nobody reads. */
export function untraced(host: Host): Trace {
  return new Trace(() => host.now());
}
