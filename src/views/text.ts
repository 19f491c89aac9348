/** Text of others (names, paths, QEMU's words) made fit to be shown by VS Code. */
import { printable } from '../engine/text/printable';
import { columnsOf, cutToColumns } from '../engine/text/width';

/** What a row of a tree or a pick shows of a name at most, in columns. */
const labelColumns = 60;
/** More than this nobody reads in a tooltip, in columns. */
const tooltipColumns = 400;

/** One line, cut to a row's length, with what is invisible or steers other text made visible. */
export function labelText(text: string, columns = labelColumns): string {
  return cutToColumns(printable(text), columns);
}

/** The same at a length for a tooltip. */
export function tooltipText(text: string): string {
  return labelText(text, tooltipColumns);
}

/**
 * A path or an address for a row: of a long path its end, which tells it from others:
 * `…/instances/7/qmp.sock`.
 */
export function shortAddress(address: string, columns = 44): string {
  const whole = printable(address);
  if (columnsOf(whole) <= columns) return whole;
  const names = whole.split('/');
  let end = names.pop() ?? '';
  for (const name of names.reverse()) {
    if (columnsOf(`…/${name}/${end}`) > columns) break;
    end = `${name}/${end}`;
  }
  return names.length === 0 ? labelText(whole, columns) : `…/${labelText(end, columns - 2)}`;
}

/** For where VS Code would put an icon in place of `$(name)`: picks, the status bar, descriptions. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
