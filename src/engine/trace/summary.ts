/** The figures of a migration, from its trace. */
import type { Ending, Phase, Side, TraceRecord } from './record';

export interface PhaseTime {
  readonly name: Phase;
  readonly side: Side;
  /** µs since the migration was asked for. */
  readonly startUs: number;
  readonly endUs: number;
}

export interface TraceSummary {
  readonly phases: readonly PhaseTime[];
  /** µs from the source's STOP to the target's RESUME; undefined if the guest did not move running. */
  readonly downtimeUs: number | undefined;
  /** µs from the call to the verdict; undefined while there is none. */
  readonly totalUs: number | undefined;
  readonly outcome: Ending | undefined;
}

/** @param endedAt µs since the Unix epoch, by default when there was a verdict */
export function summarize(records: readonly TraceRecord[], endedAt?: number): TraceSummary {
  const start = records[0]?.at ?? 0;
  const verdict = records.findLast((record) => record.type === 'verdict');
  return {
    phases: phaseTimes(records, start),
    downtimeUs: downtime(records),
    totalUs: endedAt === undefined ? verdict && verdict.at - start : endedAt - start,
    outcome: verdict?.outcome,
  };
}

/** `start`: µs since the Unix epoch. */
function phaseTimes(records: readonly TraceRecord[], start: number): PhaseTime[] {
  const begun = new Map<Phase, number>();
  return records.flatMap((record) => {
    if (record.type !== 'phase') return [];
    if (record.edge === 'begin') {
      begun.set(record.phase, record.at);
      return [];
    }
    const { phase: name, side } = record;
    return { name, side, startUs: (begun.get(name) ?? start) - start, endUs: record.at - start };
  });
}

/** A STOP or RESUME event. */
export interface EventRecord {
  /** µs since the Unix epoch. */
  readonly at: number;
  readonly instance: number;
  readonly name?: string | undefined;
}

/**
 * The last STOP at the source and the RESUME after it at another instance.
 * @param events in the order of time
 */
export function switchover<Event extends EventRecord>(
  events: readonly Event[],
): { readonly stop: Event; readonly resume: Event } | undefined {
  const resume = events.findLast((event) => event.name === 'RESUME');
  const stop = events.findLast(
    (event) =>
      event.name === 'STOP' &&
      resume !== undefined &&
      event.instance !== resume.instance &&
      event.at <= resume.at,
  );
  return resume && stop && { stop, resume };
}

function downtime(records: readonly TraceRecord[]): number | undefined {
  const events = records
    .flatMap((record) => (record.type === 'qmp' && record.kind === 'event' ? record : []))
    .sort((a, b) => a.at - b.at);
  const moved = switchover(events);
  return moved && moved.resume.at - moved.stop.at;
}
