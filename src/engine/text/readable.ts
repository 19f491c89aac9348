/** A JSON value as text to be read: one member a line, what belongs to it indented. */
import { printable } from './printable';

export function readableLines(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => bulleted(readableLines(item)));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
      const lines = readableLines(member);
      const [first = '(none)', ...others] = lines;
      return isNested(member) && lines.length > 0
        ? [`${printable(key)}:`, ...indented(lines)]
        : [`${printable(key)}: ${first}`, ...others];
    });
  }
  return [printable(String(value))];
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function bulleted([first = '(none)', ...others]: readonly string[]): string[] {
  return [`- ${first}`, ...indented(others)];
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
