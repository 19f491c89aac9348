/** Text of others (names, paths, QEMU's words) made fit to be shown by VS Code. */
import { printable } from '../engine/text/printable';
import { cutToColumns } from '../engine/text/width';

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
 * A path in two parts for a row that has room for little: the name, which tells it from others, and
 * the folder it lies in. What is no path is a name alone.
 */
export function nameAndFolder(address: string): { name: string; folder: string | undefined } {
  const end = address.startsWith('/') ? address.lastIndexOf('/') : -1;
  const name = address.slice(end + 1);
  if (end < 0 || name === '') return { name: labelText(address), folder: undefined };
  return { name: labelText(name), folder: labelText(address.slice(0, end) || '/') };
}

/** For where VS Code would put an icon in place of `$(name)`: picks, the status bar, descriptions. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}
