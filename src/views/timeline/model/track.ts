/** Items in the order of time, found by binary search. */

interface Timed {
  readonly startUs: number;
  readonly endUs: number;
}

/** Sorted by beginning; of those that begin together, the one that was added first comes first. */
export class Track<T extends Timed> {
  readonly #items: T[] = [];

  get items(): readonly T[] {
    return this.#items;
  }

  get length(): number {
    return this.#items.length;
  }

  get last(): T | undefined {
    return this.#items.at(-1);
  }

  /** Mostly at the end: only events come a little late. */
  add(item: T): void {
    const { last } = this;
    if (last === undefined || last.startUs <= item.startUs) this.#items.push(item);
    else this.#items.splice(this.indexAfter(item.startUs), 0, item);
  }

  /** -1 if it is not in here. */
  indexOf(item: Timed): number {
    for (let index = this.indexFrom(item.startUs); ; index++) {
      const found = this.#items[index];
      if (found === item) return index;
      if (found === undefined || found.startUs > item.startUs) return -1;
    }
  }

  /** Index of the first item that begins at `us` or later. */
  indexFrom(us: number): number {
    return this.#search((item) => item.startUs >= us);
  }

  /** Index of the first item that begins later than `us`. */
  indexAfter(us: number): number {
    return this.#search((item) => item.startUs > us);
  }

  /** Index of the first item that has not ended before `us`; only where items do not overlap. */
  indexReaching(us: number): number {
    return this.#search((item) => item.endUs >= us);
  }

  #search(isAtOrBehind: (item: T) => boolean): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item !== undefined && isAtOrBehind(item)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Items that take time, in as many rows as it needs for none of them to overlap. */
export class Rows<T extends Timed> {
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
}
