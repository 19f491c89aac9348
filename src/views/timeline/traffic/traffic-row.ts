import type { ListRow } from './virtual-list';
import type { Row } from './rows';

const cells = ['time', 'instance', 'mark', 'what', 'duration', 'size'] as const;

/** A row of the list, filled again and again. */
export class TrafficRow implements ListRow<Row> {
  readonly element = document.createElement('div');
  readonly #cells = new Map<string, HTMLElement>();
  readonly #name = document.createElement('span');
  readonly #detail = document.createElement('span');

  constructor() {
    this.element.className = 'traffic-row';
    for (const name of cells) {
      const cell = document.createElement('span');
      cell.className = `cell-${name}`;
      this.#cells.set(name, cell);
      this.element.append(cell);
    }
    this.#name.className = 'name';
    this.#detail.className = 'extra';
    this.#cells.get('what')?.append(this.#name, this.#detail);
  }

  fill(row: Row): void {
    const { element } = this;
    element.dataset['tone'] = row.tone;
    element.dataset['side'] = row.side ?? '';
    element.ariaLabel = row.spoken;
    this.#set('time', row.time);
    this.#set('instance', row.instance);
    this.#set('duration', row.duration);
    this.#set('size', row.size);
    this.#name.textContent = row.name;
    this.#detail.textContent = row.detail;
  }

  #set(name: (typeof cells)[number], text: string): void {
    const cell = this.#cells.get(name);
    if (cell !== undefined) cell.textContent = text;
  }
}
