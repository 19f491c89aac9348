/** Items in the order of time, found by binary search. */
import type { Item } from './items';
import { priorityOf } from './labels';

/** Sorted by beginning; of those that begin together, the one that was added first comes first. */
export class Track<T extends Item> {
  readonly #items: T[] = [];
  readonly #notable: T[] = [];

  get items(): readonly T[] {
    return this.#items;
  }

  /** Those that are to be seen also where many fall together. */
  get notable(): readonly T[] {
    return this.#notable;
  }

  get length(): number {
    return this.#items.length;
  }

  get last(): T | undefined {
    return this.#items.at(-1);
  }

  /** Mostly at the end: only events come a little late. */
  add(item: T): void {
    insert(this.#items, item);
    this.changed(item);
  }

  /** An item of this track has become what it was not when it was added. */
  changed(item: T): void {
    if (priorityOf(item) > 1 && find(this.#notable, item) < 0) insert(this.#notable, item);
  }

  /** -1 if it is not in here. */
  indexOf(item: Item): number {
    return find(this.#items, item);
  }

  /** Index of the first item that begins at `us` or later; none before `from` does. */
  indexFrom(us: number, from = 0): number {
    return firstFrom(this.#items, us, from);
  }

  /** Index of the first item that begins later than `us`. */
  indexAfter(us: number): number {
    return search(this.#items, 0, this.length, (item) => item.startUs > us);
  }

  /** Index of the first item that has not ended before `us`; only where items do not overlap. */
  indexReaching(us: number): number {
    return search(this.#items, 0, this.length, (item) => item.endUs >= us);
  }
}

/** Items that take time, in as many rows as it needs for none of them to overlap. */
export class Rows<T extends Item> {
  readonly #rows: Track<T>[] = [];

  get rows(): readonly Track<T>[] {
    return this.#rows;
  }

  /** Into the first row that is free from its beginning on. */
  add(item: T): void {
    let row = this.#rows.find(({ last }) => last === undefined || last.endUs <= item.startUs);
    if (row === undefined) this.#rows.push((row = new Track()));
    row.add(item);
  }

  /** An item of one of the rows has become what it was not when it was added. */
  changed(item: T): void {
    if (priorityOf(item) > 1) this.#rows.find((row) => row.indexOf(item) >= 0)?.changed(item);
  }
}

/** Index of the first one that begins at `us` or later, looked for from `from` on, near by first. */
export function firstFrom(items: readonly Item[], us: number, from = 0): number {
  let step = 1;
  while ((items[from + step - 1]?.startUs ?? Infinity) < us) step *= 2;
  const high = Math.min(from + step, items.length);
  return search(items, from + (step >> 1), high, (item) => item.startUs >= us);
}

function search<T>(
  items: readonly T[],
  from: number,
  to: number,
  isAtOrBehind: (item: T) => boolean,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && isAtOrBehind(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function insert<T extends Item>(items: T[], item: T): void {
  const last = items.at(-1);
  if (last === undefined || last.startUs <= item.startUs) items.push(item);
  else
    items.splice(
      search(items, 0, items.length, (each) => each.startUs > item.startUs),
      0,
      item,
    );
}

function find(items: readonly Item[], item: Item): number {
  for (let index = firstFrom(items, item.startUs); ; index++) {
    const found = items[index];
    if (found === item) return index;
    if (found === undefined || found.startUs > item.startUs) return -1;
  }
}
