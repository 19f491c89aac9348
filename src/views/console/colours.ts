/** Text for a terminal, in the colours that its theme gives to ANSI's. */
import { printJson } from '../../engine/text/printable';

const codes = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
} as const;
export type Colour = keyof typeof codes;

export function coloured(text: string, colour: Colour): string {
  return `\x1b[${codes[colour]}m${text}\x1b[39m`;
}

export function dimmed(text: string): string {
  return `\x1b[2m${text}\x1b[22m`;
}

const token =
  /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A JSON value over several lines; text of others in it cannot steer the terminal. */
export function colouredJson(value: unknown): string {
  return printJson(value).replace(
    token,
    (whole: string, text: string | undefined, colon: string | undefined) => {
      if (colon !== undefined) return `${coloured(text ?? '', 'cyan')}${colon}`;
      if (text !== undefined) return coloured(text, 'green');
      return coloured(whole, /^[tfn]/.test(whole) ? 'magenta' : 'yellow');
    },
  );
}
