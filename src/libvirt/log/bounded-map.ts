/** Remembers the latest of what there may be any number of. */
export class BoundedMap<Key, Value> {
  readonly #values = new Map<Key, Value>();

  constructor(private readonly most: number) {}

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  set(key: Key, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size <= this.most) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  delete(key: Key): boolean {
    return this.#values.delete(key);
  }
}
