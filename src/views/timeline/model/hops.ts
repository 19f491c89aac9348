/** The migrations of a trace, one after the other: what each of them was to do, and when it was. */
import { HopFinder } from '../../../engine/trace/hops';
import type { TraceRecord } from '../../../engine/trace/record';
import type { HopItem, ItemId, RamItem } from './items';
import { Track } from './track';

type RecordOf<Type extends TraceRecord['type']> = Extract<TraceRecord, { type: Type }>;

export interface Hop {
  /** From 0. */
  readonly index: number;
  /** Its first record. */
  readonly first: ItemId;
  readonly startUs: number;
  /** When the next one begins; Infinity of the last one. */
  readonly endUs: number;
  readonly plan: RecordOf<'plan'> | undefined;
  /** What was measured of its RAM. */
  readonly ram: Track<RamItem>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class Hops {
  /** Those that have come to a plan, from the begin of their first phase to the end of their last. */
  readonly items = new Track<HopItem>();
  readonly #finder = new HopFinder();
  readonly #list: Hop[] = [];
  #item: Mutable<HopItem> | undefined;
  /** Of the last hop. */
  #firstPhaseUs: number | undefined;
  #lastPhaseUs = 0;
  #last: Mutable<Hop> = this.#begin(0, 0);

  get list(): readonly Hop[] {
    return this.#list;
  }

  get last(): Hop {
    return this.#last;
  }

  /** The one that a record belongs to. */
  of(id: ItemId): Hop {
    return this.#list.findLast(({ first }) => first <= id) ?? this.#last;
  }

  /**
   * Before anything else is made of the record.
   * @returns whether another hop begins with it
   */
  hear(record: TraceRecord, id: ItemId, at: number): boolean {
    const isNext = this.#finder.begins(record);
    if (isNext) {
      this.#end();
      this.#last.endUs = at;
      this.#last = this.#begin(id, at);
    }
    if (record.type === 'verdict') this.#end();
    else if (record.type === 'phase') {
      this.#firstPhaseUs ??= at;
      this.#lastPhaseUs = at;
      if (record.edge === 'failed' && this.#item !== undefined) this.#item.progress = 'failed';
    }
    return isNext;
  }

  plan(plan: RecordOf<'plan'>, id: ItemId): HopItem {
    this.#last.plan = plan;
    const startUs = this.#firstPhaseUs ?? this.#last.startUs;
    const { index } = this.#last;
    const item = { kind: 'hop', id, startUs, endUs: Infinity, index, plan } as const;
    this.#item = { ...item, progress: 'under-way' };
    this.items.add(this.#item);
    return this.#item;
  }

  #begin(first: ItemId, startUs: number): Mutable<Hop> {
    const index = this.#list.length;
    const ram = new Track<RamItem>();
    const hop = { index, first, startUs, endUs: Infinity, plan: undefined, ram };
    this.#list.push(hop);
    this.#firstPhaseUs = undefined;
    return hop;
  }

  #end(): void {
    const item = this.#item;
    if (item === undefined) return;
    item.endUs = Math.max(this.#lastPhaseUs, item.startUs);
    if (item.progress === 'under-way') item.progress = 'done';
    this.#item = undefined;
  }
}
