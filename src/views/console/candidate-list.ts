/** What a line can be completed to, as a list for a terminal. */
import { columnsOf, cutToColumns, padToColumns } from '../../engine/text/width';
import type { Candidate } from '../../qemu/schema/complete';

/** More than this nobody reads. */
const longestList = 200;
const gap = 2;

/** With what each is where there are few of them, else in columns. */
export function candidateList(candidates: readonly Candidate[], columns: number): string[] {
  const shown = candidates.slice(0, longestList);
  const left = candidates.length - shown.length;
  const width = Math.max(...shown.map(({ text }) => columnsOf(text))) + gap;
  const lines = shown.some(({ hint }) => hint !== '')
    ? shown.map(({ text, hint }) => withHint(padToColumns(text, width, 'left'), hint, columns))
    : inColumns(shown, width, columns);
  return left > 0 ? [...lines, `… ${left} more`] : lines;
}

function withHint(text: string, hint: string, columns: number): string {
  const room = columns - columnsOf(text) - 1;
  if (room <= 0) return cutToColumns(text, columns - 1);
  return `${text}\x1b[2m${cutToColumns(hint, room)}\x1b[22m`;
}

/** Read downwards, as `ls` has it. */
function inColumns(candidates: readonly Candidate[], width: number, columns: number): string[] {
  const perRow = Math.max(1, Math.floor((columns - 1) / width));
  const rows = Math.ceil(candidates.length / perRow);
  return Array.from({ length: rows }, (_, row) =>
    candidates
      .filter((_, index) => index % rows === row)
      .map(({ text }) => padToColumns(text, width, 'left'))
      .join('')
      .trimEnd(),
  );
}
