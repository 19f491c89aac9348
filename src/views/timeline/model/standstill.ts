/** The times in which no instance ran the guest. */
import { switchovers, type EventRecord } from '../../../engine/trace/summary';
import type { TraceRecord } from '../../../engine/trace/record';
import type { ItemId } from './items';

export interface Standstill {
  readonly startUs: number;
  /** Infinity while the guest stands still. */
  readonly endUs: number;
  /** The STOP event. */
  readonly stop: ItemId;
  /** The RESUME event, once there is one. */
  readonly resume: ItemId | undefined;
  /** Whether the guest went on at another instance: then this is the downtime of a migration. */
  readonly hasMoved: boolean;
}

type QmpRecord = Extract<TraceRecord, { type: 'qmp' }>;
type Heard = EventRecord & { readonly id: ItemId };

/** A part of the trace, in µs since the trace's first record. */
interface Part {
  readonly startUs: number;
  readonly endUs: number;
}

export class Standstills {
  /** In the order of time. */
  readonly #events: Heard[] = [];
  #originUs = 0;

  hear({ at, instance, name }: QmpRecord, id: ItemId, originUs: number): void {
    if (name !== 'STOP' && name !== 'RESUME') return;
    this.#originUs = originUs;
    this.#events.push({ at, instance, name, id });
    for (let i = this.#events.length - 1; i > 0; i--) {
      const [before, event] = [this.#events[i - 1], this.#events[i]];
      if (before === undefined || event === undefined || before.at <= event.at) break;
      [this.#events[i - 1], this.#events[i]] = [event, before];
    }
  }

  /**
   * The switchovers; of a migration without one the last time that the guest stood still.
   * @param hops the migrations; the first of them from the beginning of time
   */
  list(hops: readonly Part[], isOver: boolean): readonly Standstill[] {
    const moved = switchovers(this.#events);
    const found = moved.map(({ stop, resume }) => this.#between(stop, resume, true));
    for (const [index, { startUs, endUs }] of hops.entries()) {
      const from = index === 0 ? -Infinity : startUs;
      const isIn = (us: number) => us >= from && us < endUs;
      if (found.some((each) => each.hasMoved && isIn(each.startUs))) continue;
      const events = this.#events.filter(({ at }) => isIn(at - this.#originUs));
      const last = this.#last(events, isOver || index < hops.length - 1);
      if (last !== undefined) found.push(last);
    }
    return found.sort((a, b) => a.startUs - b.startUs);
  }

  #last(events: readonly Heard[], isOver: boolean): Standstill | undefined {
    const last = events.findLastIndex(({ name }) => name === 'STOP');
    const stop = events[last];
    if (stop === undefined) return undefined;
    const resume = events.slice(last).find(({ name }) => name === 'RESUME');
    if (resume === undefined && isOver) return undefined;
    return this.#between(stop, resume, false);
  }

  #between(stop: Heard, resume: Heard | undefined, hasMoved: boolean): Standstill {
    return {
      startUs: stop.at - this.#originUs,
      endUs: resume === undefined ? Infinity : resume.at - this.#originUs,
      stop: stop.id,
      resume: resume?.id,
      hasMoved,
    };
  }
}
