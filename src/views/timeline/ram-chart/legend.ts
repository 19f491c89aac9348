/** Names and values of the chart's lines: at the pointer, else the last ones. */

export interface LegendEntry {
  readonly name: string;
  readonly color: string;
  readonly isDashed: boolean;
}

export class Legend {
  readonly element = document.createElement('div');
  readonly #values: readonly HTMLElement[];

  constructor(title: string, entries: readonly LegendEntry[]) {
    this.element.className = 'ram-legend';
    const heading = document.createElement('span');
    heading.className = 'ram-legend-title';
    heading.textContent = title;
    this.#values = entries.map(() => document.createElement('span'));
    this.element.append(
      heading,
      ...entries.map(({ name, color, isDashed }, index) => {
        const entry = document.createElement('span');
        const line = document.createElement('span');
        line.className = isDashed ? 'ram-legend-line ram-legend-dashed' : 'ram-legend-line';
        line.style.color = color;
        entry.append(line, `${name} `, this.#values[index] ?? '');
        return entry;
      }),
    );
  }

  show(values: readonly string[]): void {
    for (const [index, element] of this.#values.entries()) {
      element.textContent = values[index] ?? '';
    }
  }
}
