/** The words of a line of the console: a command, and `key=value` for its arguments. */

export interface Span {
  readonly text: string;
  /** Offset in the line. */
  readonly start: number;
  readonly end: number;
}

export interface ArgumentWord {
  readonly key: Span;
  /** Undefined for a word without `=`. */
  readonly value: Span | undefined;
  /** False where the line ends within a quoted value or a JSON document. */
  readonly isWhole: boolean;
}

export interface ConsoleWords {
  readonly command: Span;
  readonly arguments: readonly ArgumentWord[];
}

/** Any text has words; whether they make a command is not asked here. */
export function consoleWords(line: string): ConsoleWords {
  const command = spanUntil(line, skipSpace(line, 0), isSpace);
  const words: ArgumentWord[] = [];
  for (let at = skipSpace(line, command.end); at < line.length;) {
    const word = argumentAt(line, at);
    words.push(word);
    at = skipSpace(line, (word.value ?? word.key).end);
  }
  return { command, arguments: words };
}

function argumentAt(line: string, start: number): ArgumentWord {
  const key = spanUntil(line, start, (character) => character === '=' || isSpace(character));
  if (line[key.end] !== '=') return { key, value: undefined, isWhole: true };
  const from = key.end + 1;
  const closed = endOfClosed(line, from);
  if (closed === undefined) return { key, value: spanUntil(line, from, isSpace), isWhole: true };
  const value = span(line, from, closed.end);
  return { key, value, isWhole: closed.isWhole };
}

/** Where a value ends that has an end of its own: in quotes or brackets. */
function endOfClosed(line: string, from: number): { end: number; isWhole: boolean } | undefined {
  const first = line[from];
  if (first === undefined || !'"\'{['.includes(first)) return undefined;
  let depth = 0;
  let quote: string | undefined;
  for (let at = from; at < line.length; at++) {
    const character = line[at] ?? '';
    if (quote !== undefined) {
      if (character === '\\' && quote === '"') at++;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || (character === "'" && depth === 0)) quote = character;
    else if ('{['.includes(character)) depth++;
    else if ('}]'.includes(character)) depth--;
    if (quote === undefined && depth <= 0) return { end: at + 1, isWhole: true };
  }
  return { end: line.length, isWhole: false };
}

function spanUntil(line: string, start: number, isEnd: (character: string) => boolean): Span {
  let end = start;
  while (end < line.length && !isEnd(line[end] ?? '')) end++;
  return span(line, start, end);
}

function span(line: string, start: number, end: number): Span {
  return { text: line.slice(start, end), start, end };
}

function skipSpace(line: string, from: number): number {
  let at = from;
  while (at < line.length && isSpace(line[at] ?? '')) at++;
  return at;
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}
