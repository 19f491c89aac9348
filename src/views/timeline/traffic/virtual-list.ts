/** A list of any length of which only the rows in sight are in the document. */

export interface VirtualListOptions<T> {
  /** The list's name, for who hears it. */
  readonly label: string;
  /** px */
  readonly rowHeight: number;
  /** An empty row, filled and filled again for one item after the other. */
  readonly makeRow: () => ListRow<T>;
  /** The user has chosen a row. */
  readonly onChoose: (index: number) => void;
  /** The user wants to see what is in the row. */
  readonly onOpen: () => void;
  /** The user has scrolled; `atEnd` if the last row is in sight. */
  readonly onScroll: (atEnd: boolean) => void;
  /** There is another room for rows. */
  readonly onResize: () => void;
}

export interface ListRow<T> {
  readonly element: HTMLElement;
  fill(item: T): void;
}

/** Rows beyond the edge, so that scrolling does not show where they end. */
const overscan = 8;

interface Slot<T> extends ListRow<T> {
  index: number;
}

export class VirtualList<T> {
  readonly element = document.createElement('div');
  readonly #canvas = document.createElement('div');
  readonly #resized: ResizeObserver;
  #slots: Slot<T>[] = [];
  #items: readonly T[] = [];
  #chosen = -1;
  #scrollTop = 0;

  constructor(private readonly options: VirtualListOptions<T>) {
    const { element } = this;
    element.className = 'virtual-list';
    element.tabIndex = 0;
    element.role = 'listbox';
    element.ariaLabel = options.label;
    this.#canvas.className = 'virtual-list-canvas';
    this.#canvas.role = 'presentation';
    element.append(this.#canvas);
    element.addEventListener('scroll', () => {
      this.#scrolled();
    });
    element.addEventListener('keydown', (event) => {
      this.#pressed(event);
    });
    element.addEventListener('pointerdown', ({ target, button }) => {
      const slot = this.#slots.find((each) => each.element.contains(target as Node));
      if (button === 0 && slot !== undefined) this.#choose(slot.index);
    });
    this.#resized = new ResizeObserver(() => {
      this.#draw();
      this.options.onResize();
    });
    this.#resized.observe(element);
  }

  dispose(): void {
    this.#resized.disconnect();
  }

  /** @param chosen index of the chosen one, -1 if it is none of these */
  show(items: readonly T[], chosen: number): void {
    this.#items = items;
    this.#chosen = chosen;
    this.#canvas.style.height = `${items.length * this.options.rowHeight}px`;
    // It has shrunk, perhaps, and scrolled by that: not the user's doing.
    this.#scrollTop = this.element.scrollTop;
    for (const slot of this.#slots) slot.index = -1;
    this.#draw();
  }

  scrollToEnd(): void {
    this.#scrollTo(this.#items.length * this.options.rowHeight);
  }

  /** Moves no further than needed; what was out of sight comes to the middle. */
  reveal(index: number): void {
    const { rowHeight } = this.options;
    const { scrollTop, clientHeight } = this.element;
    const top = index * rowHeight;
    if (top + rowHeight <= scrollTop || top >= scrollTop + clientHeight) {
      this.#scrollTo(top - (clientHeight - rowHeight) / 2);
    } else if (top < scrollTop) {
      this.#scrollTo(top);
    } else if (top + rowHeight > scrollTop + clientHeight) {
      this.#scrollTo(top + rowHeight - clientHeight);
    }
  }

  #scrollTo(top: number): void {
    this.element.scrollTop = top;
    this.#scrollTop = this.element.scrollTop;
    this.#draw();
  }

  /** What we scrolled ourselves is known already. */
  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (scrollTop === this.#scrollTop) return;
    this.#scrollTop = scrollTop;
    this.#draw();
    this.options.onScroll(scrollTop + clientHeight >= scrollHeight - this.options.rowHeight);
  }

  /** Known at once: the next key may come before it is drawn. */
  #choose(index: number): void {
    this.#chosen = index;
    this.options.onChoose(index);
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.#items.length - 1;
    const page = Math.max(Math.floor(this.element.clientHeight / this.options.rowHeight) - 1, 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.#chosen + 1,
      ArrowUp: this.#chosen < 0 ? last : this.#chosen - 1,
      PageDown: this.#chosen + page,
      PageUp: this.#chosen - page,
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (event.key === 'Enter' && this.#chosen >= 0) this.options.onOpen();
    else if (to === undefined || last < 0) return;
    else this.#choose(Math.min(Math.max(to, 0), last));
    event.preventDefault();
    event.stopPropagation();
  }

  #draw(): void {
    const { rowHeight } = this.options;
    const { clientHeight } = this.element;
    const size = Math.ceil(clientHeight / rowHeight) + 2 * overscan;
    if (this.#slots.length !== size) this.#resize(size);
    const first = Math.max(Math.floor(this.#scrollTop / rowHeight) - overscan, 0);
    for (let index = first; index < first + size; index++) {
      // A row that stays in sight stays in its slot.
      const slot = this.#slots[index % size];
      if (slot !== undefined) this.#fill(slot, index);
    }
    this.#tellChosen();
  }

  #fill(slot: Slot<T>, index: number): void {
    const { element } = slot;
    const item = this.#items[index];
    element.hidden = item === undefined;
    element.ariaSelected = String(index === this.#chosen);
    if (item === undefined || slot.index === index) return;
    slot.index = index;
    element.id = rowId(index);
    element.style.transform = `translateY(${index * this.options.rowHeight}px)`;
    element.setAttribute('aria-posinset', String(index + 1));
    element.setAttribute('aria-setsize', String(this.#items.length));
    slot.fill(item);
  }

  #resize(size: number): void {
    this.#slots = Array.from({ length: size }, () => {
      const row = this.options.makeRow();
      row.element.role = 'option';
      return { element: row.element, fill: row.fill.bind(row), index: -1 };
    });
    this.#canvas.replaceChildren(...this.#slots.map(({ element }) => element));
  }

  #tellChosen(): void {
    const { element } = this;
    if (this.#slots.some(({ index }) => index === this.#chosen && index >= 0))
      element.setAttribute('aria-activedescendant', rowId(this.#chosen));
    else element.removeAttribute('aria-activedescendant');
  }
}

function rowId(index: number): string {
  return `row-${index}`;
}
