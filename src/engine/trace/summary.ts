/** The figures of a migration, or of several in a row, from their trace. */
import { hopsOf, kindOfHop, type HopKind } from './hops';
import type { Ending, Phase, Side, TraceRecord } from './record';

export interface PhaseTime {
  readonly name: Phase;
  readonly side: Side;
  /** µs since the migration was asked for. */
  readonly startUs: number;
  readonly endUs: number;
}

export interface TraceSummary {
  /** Of all hops. */
  readonly phases: readonly PhaseTime[];
  /**
   * µs from the source's STOP to the target's RESUME, of all hops together; undefined if the guest
   * did not move running.
   */
  readonly downtimeUs: number | undefined;
  /** µs from the call to the verdict; undefined while there is none. */
  readonly totalUs: number | undefined;
  readonly outcome: Ending | undefined;
  /** The migrations one by one: mostly one. */
  readonly hops: readonly HopSummary[];
}

export interface HopSummary {
  readonly kind: HopKind | undefined;
  /** Undefined if it did not come to a plan. */
  readonly mode: string | undefined;
  readonly phases: readonly PhaseTime[];
  readonly downtimeUs: number | undefined;
}

/** @param endedAt µs since the Unix epoch, by default when there was a verdict */
export function summarize(records: readonly TraceRecord[], endedAt?: number): TraceSummary {
  const start = records[0]?.at ?? 0;
  const verdict = records.findLast((record) => record.type === 'verdict');
  const moves = switchovers(
    records
      .flatMap((record) => (record.type === 'qmp' && record.kind === 'event' ? record : []))
      .sort((a, b) => a.at - b.at),
  );
  const hops = hopsOf(records).map((own, index, all): HopSummary => {
    const plan = own.find((record) => record.type === 'plan');
    const [from, until] = [
      index === 0 ? 0 : (own[0]?.at ?? 0),
      all[index + 1]?.[0]?.at ?? Infinity,
    ];
    return {
      kind: kindOfHop(plan),
      mode: plan?.mode,
      phases: phaseTimes(own, start),
      // Events may come late: their own time tells where they belong.
      downtimeUs: lengthOf(moves.filter(({ stop }) => stop.at >= from && stop.at < until)),
    };
  });
  return {
    phases: hops.flatMap(({ phases }) => phases),
    downtimeUs: lengthOf(moves),
    totalUs: endedAt === undefined ? verdict && verdict.at - start : endedAt - start,
    outcome: verdict?.outcome,
    hops,
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

/** The guest stopped at one instance, and went on at another. */
export interface Switchover<Event> {
  /** The last STOP before it. */
  readonly stop: Event;
  readonly resume: Event;
}

/** @param events in the order of time */
export function switchovers<Event extends EventRecord>(
  events: readonly Event[],
): readonly Switchover<Event>[] {
  const found: Switchover<Event>[] = [];
  let stop: Event | undefined;
  for (const event of events) {
    if (event.name === 'STOP') stop = event;
    else if (event.name === 'RESUME') {
      if (stop !== undefined && stop.instance !== event.instance) {
        found.push({ stop, resume: event });
      }
      stop = undefined;
    }
  }
  return found;
}

function lengthOf(moves: readonly Switchover<EventRecord>[]): number | undefined {
  if (moves.length === 0) return undefined;
  return moves.reduce((sum, { stop, resume }) => sum + resume.at - stop.at, 0);
}
