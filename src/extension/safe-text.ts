/**
 * Text of others in what the extension says: what `views/text` does, and what only notifications
 * need. VS Code makes links of `[text](command:...)` in those.
 */
import { printable } from '../engine/text/printable';
import { labelText, withoutIcons } from '../views/text';

export { labelText as shortName } from '../views/text';

/** For a notification. */
export function asMessage(text: string): string {
  return printable(text).replaceAll('](', '] (');
}

/** For the label, description or detail of a list's item, and for the status bar. */
export function asLabel(text: string, columns?: number): string {
  return withoutIcons(labelText(text, columns));
}
