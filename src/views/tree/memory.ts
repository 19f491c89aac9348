/** Which nodes the user has opened and closed, and which is selected: kept over a reload of the window. */

import * as v from 'valibot';

/** As `vscode.Memento`. */
export interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const key = 'sidestep.tree';
/** The oldest are forgotten: nodes come and go. */
const remembered = 500;
/** Writing is put off until the user has come to rest, in ms. */
const restMs = 500;

/** What an earlier version has written is no reason to fail. */
const Remembered = v.fallback(
  v.object({
    open: v.array(v.tuple([v.string(), v.boolean()])),
    selected: v.optional(v.string()),
  }),
  { open: [] },
);

export class TreeMemory {
  /** By node id, the latest last. */
  readonly #open: Map<string, boolean>;
  #selected: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly memento: Memento) {
    const { open, selected } = v.parse(Remembered, memento.get(key));
    this.#open = new Map(open);
    this.#selected = selected;
  }

  isOpen(id: string, byDefault: boolean): boolean {
    return this.#open.get(id) ?? byDefault;
  }

  setOpen(id: string, isOpen: boolean): void {
    this.#open.delete(id);
    this.#open.set(id, isOpen);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= remembered) break;
      this.#open.delete(oldest);
    }
    this.#writeSoon();
  }

  get selected(): string | undefined {
    return this.#selected;
  }

  set selected(id: string | undefined) {
    this.#selected = id;
    this.#writeSoon();
  }

  dispose(): void {
    if (this.#timer !== undefined) this.#write();
  }

  #writeSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#write();
    }, restMs);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.memento.update(key, { open: [...this.#open], selected: this.#selected });
  }
}
