/** The time in which no instance ran the guest. */
import { switchover, type EventRecord } from '../../../engine/trace/summary';
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
  /** Whether the guest went on at another instance: then this is the downtime of the migration. */
  readonly hasMoved: boolean;
}

type QmpRecord = Extract<TraceRecord, { type: 'qmp' }>;

export class Standstills {
  readonly #events: (EventRecord & { readonly id: ItemId })[] = [];
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

  /** The switchover; without one the last time that the guest stood still. */
  current(isOver: boolean): Standstill | undefined {
    const moved = switchover(this.#events);
    if (moved !== undefined) return this.#between(moved.stop, moved.resume, true);
    const last = this.#events.findLastIndex(({ name }) => name === 'STOP');
    const stop = this.#events[last];
    if (stop === undefined) return undefined;
    const resume = this.#events.slice(last).find(({ name }) => name === 'RESUME');
    if (resume === undefined && isOver) return undefined;
    return this.#between(stop, resume, false);
  }

  #between(
    stop: { readonly at: number; readonly id: ItemId },
    resume: { readonly at: number; readonly id: ItemId } | undefined,
    hasMoved: boolean,
  ): Standstill {
    return {
      startUs: stop.at - this.#originUs,
      endUs: resume === undefined ? Infinity : resume.at - this.#originUs,
      stop: stop.id,
      resume: resume?.id,
      hasMoved,
    };
  }
}
