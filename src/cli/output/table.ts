/** Text in columns. */
import { printable } from '../../engine/text/printable';
import { padToColumns, columnsOf } from '../../engine/text/width';

export interface Column {
  readonly title: string;
  /** Which side its text stands at: numbers `right`. */
  readonly align?: 'left' | 'right';
}

/** A table with a line of titles; cells are made printable. Empty without rows. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => columnsOf(line[index] ?? ''))),
  );
  return lines
    .map((line) =>
      columns
        .map(({ align = 'left' }, index) =>
          padToColumns(line[index] ?? '', widths[index] ?? 0, align),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
