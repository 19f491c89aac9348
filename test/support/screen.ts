/** A terminal's screen, as far as a line editor uses one: what a user sees, and where the cursor is. */
import assert from 'node:assert/strict';
import { columnsOf } from '../../src/engine/text/width';

export class Screen {
  /** A cell's character; a wide one leaves the cell after it empty. */
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  bells = 0;

  constructor(readonly columns: number) {}

  readonly write = (data: string): void => {
    // eslint-disable-next-line no-control-regex
    const token = /\x1b\[([?\d;]*)([A-Za-z])|[^]/gu;
    for (const [text, parameters = '', command] of data.matchAll(token)) {
      if (command === undefined) this.#print(text);
      else this.#control(command, parameters);
    }
  };

  /** The rows down to the last with something on it. */
  get lines(): string[] {
    const lines = this.#rows.map((row) => row.join(''));
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** The row of the cursor, with the cursor in it. */
  get cursorLine(): string {
    const row = [...(this.#rows[this.#row] ?? [])];
    while (row.length < this.#column) row.push(' ');
    return [...row.slice(0, this.#column), '|', ...row.slice(this.#column)].join('');
  }

  #print(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#down();
    else if (character === '\x07') this.bells++;
    else {
      assert.doesNotMatch(character, /\p{Cc}/u, 'a control character reaches the terminal');
      const width = columnsOf(character);
      if (this.#column + width > this.columns) {
        this.#down();
        this.#column = 0;
      }
      const row = (this.#rows[this.#row] ??= []);
      while (row.length < this.#column) row.push(' ');
      if (width === 0) row[this.#column - 1] = `${row[this.#column - 1] ?? ''}${character}`;
      else row.splice(this.#column, width, character, ...Array<string>(width - 1).fill(''));
      this.#column += width;
    }
  }

  #control(command: string, parameters: string): void {
    const count = Number(parameters === '' ? '1' : parameters);
    if (command === 'A') this.#row -= count;
    else if (command === 'C') this.#column = Math.min(this.columns - 1, this.#column + count);
    else if (command === 'J' && parameters === '') {
      this.#rows.length = this.#row + 1;
      this.#rows[this.#row]?.splice(this.#column);
    } else if (command === 'J') {
      this.#rows = [[]];
    } else if (command === 'H') {
      [this.#row, this.#column] = [0, 0];
    } else assert.match(command, /[mhl]/, `this screen knows no ${command}`);
    assert.ok(this.#row >= 0, 'the cursor leaves the screen');
  }

  #down(): void {
    this.#row++;
    this.#rows[this.#row] ??= [];
  }
}
