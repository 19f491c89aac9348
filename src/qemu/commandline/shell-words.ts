import { CommandLineError } from './errors';

/** A word of a shell script: its quotes taken off, and nothing else done. */
export interface Word {
  readonly kind: 'word';
  readonly value: string;
  /** As it stands in the script. */
  readonly raw: string;
  /** From 1. */
  readonly line: number;
  /** What the shell would replace within the word: `$HOME`. The value holds it as it stands. */
  readonly expansion: { readonly text: string; readonly line: number } | undefined;
}

/** A redirection's target is the word that follows. A newline is an `end`. */
export interface Operator {
  readonly kind: 'end' | 'redirection';
  readonly raw: string;
}

const skipped = /(?:[ \t\r]|\\\r?\n|#[^\n]*)*/y;
const redirection = /\d*(?:<<<|<<|>>|>&|<&|<>|>\||[<>](?!\())|&>>?/y;
const end = /&&|\|\||;;|\|&|[\n;&|()]/y;
const plain = /(?:[^\s\\'"$`;&|()<>]|[^\S \t\r\n])+/y;
const singleQuoted = /'([^']*)'/y;
const ansiQuoted = /\$'((?:[^'\\]|\\[^])*)'/y;
const backquoted = /`(?:[^`\\]|\\[^])*`/y;
const continuation = /\\\r?\n/y;
const parameter = /\$(?:[A-Za-z_]\w*|[\d@*#?$!-])/y;

/**
 * The words and operators of a shell script from an offset on, by the rules of POSIX and bash for
 * quotes, comments and continued lines. Nothing is expanded.
 * @throws CommandLineError `TRUNCATED` for a quote or a continued line that does not end,
 *   `UNSUPPORTED_SHELL` for a here-document
 */
export function* shellTokens(script: string, from = 0): Generator<Word | Operator> {
  const scanner = new Scanner(script, from);
  for (let token = scanner.next(); token !== undefined; token = scanner.next()) yield token;
}

/** A script that a person wrote has two or three. */
const deepest = 100;

class Scanner {
  /** The first expansion of the word under way. */
  private expansion: { readonly start: number; readonly text: string } | undefined;

  /** On which line an offset is. */
  private counted = { offset: 0, line: 1 };
  /** How many brackets the quotes under way lie in. */
  private nesting = 0;

  constructor(
    private readonly script: string,
    private at: number,
  ) {}

  next(): Word | Operator | undefined {
    const blank = this.take(skipped)?.[0] ?? '';
    if (this.at === this.script.length) {
      if (/\\\r?\n$/.test(blank)) throw this.truncated('a continued line', this.at - 1);
      return undefined;
    }
    const start = this.at;
    const redirects = this.take(redirection)?.[0];
    if (redirects !== undefined) {
      if (/^\d*<<$/.test(redirects)) throw this.unsupported('a here-document', start);
      return { kind: 'redirection', raw: redirects };
    }
    const ends = this.take(end)?.[0];
    if (ends !== undefined) return { kind: 'end', raw: ends };
    this.expansion = undefined;
    return this.word(start);
  }

  private word(start: number): Word {
    let value = '';
    if (this.peek() === '~') value += this.expands(this.at, this.at + 1);
    for (let part = this.part(); part !== undefined; part = this.part()) value += part;
    const raw = this.script.slice(start, this.at);
    const line = this.line(start);
    const expansion: Word['expansion'] = this.expansion && {
      text: this.expansion.text,
      line: this.line(this.expansion.start),
    };
    return { kind: 'word', value, raw, line, expansion };
  }

  /** The next part of a word in one manner of quoting; undefined at the word's end. */
  private part(): string | undefined {
    const start = this.at;
    const text = this.take(plain)?.[0];
    if (text !== undefined) return text;
    switch (this.peek()) {
      case '\\':
        return this.escaped();
      case "'": {
        const quoted = this.take(singleQuoted);
        if (quoted === undefined) throw this.truncated('a quote', start);
        return quoted[1] ?? '';
      }
      case '"':
        return this.doubleQuoted();
      case '$':
        return this.dollar();
      case '`':
        return this.backquoted();
      case '<':
      case '>':
        // Process substitution: `<(...)`. Other redirections end the word.
        if (this.peek(1) !== '(') return undefined;
        this.at++;
        return this.bracketed(start, '(', ')');
      default:
        return undefined;
    }
  }

  private escaped(): string {
    const start = this.at;
    if (this.take(continuation) !== undefined) {
      if (this.at === this.script.length) throw this.truncated('a continued line', start);
      return '';
    }
    const character = this.peek(1);
    if (character === undefined) throw this.truncated('a continued line', start);
    this.at += 2;
    return character;
  }

  private doubleQuoted(): string {
    const start = this.at;
    let value = '';
    this.at++;
    for (;;) {
      const character = this.peek();
      if (character === undefined) throw this.truncated('a quote', start);
      if (character === '"') {
        this.at++;
        return value;
      }
      if (character === '$') value += this.dollarWithin();
      else if (character === '`') value += this.backquoted();
      else if (character === '\\' && /[$`"\\\n]/.test(this.peek(1) ?? '')) value += this.escaped();
      else {
        value += character;
        this.at++;
      }
    }
  }

  private dollar(): string {
    const start = this.at;
    if (this.peek(1) === "'") {
      const quoted = this.take(ansiQuoted);
      if (quoted === undefined) throw this.truncated('a quote', start);
      return ansiUnescaped(quoted[1] ?? '');
    }
    if (this.peek(1) === '"') {
      this.at++;
      return this.doubleQuoted();
    }
    return this.dollarWithin();
  }

  /** `$` as it is understood within double quotes too. */
  private dollarWithin(): string {
    const start = this.at;
    const following = this.peek(1);
    if (following === '{' || following === '(') {
      this.at++;
      return this.bracketed(start, following, following === '{' ? '}' : ')');
    }
    if (this.take(parameter) !== undefined) return this.expands(start, this.at);
    this.at++;
    return '$';
  }

  private backquoted(): string {
    const start = this.at;
    if (this.take(backquoted) === undefined) throw this.truncated('a backquote', start);
    return this.expands(start, this.at);
  }

  /** From an opening bracket to the one that closes it, quotes within respected. */
  private bracketed(start: number, open: string, close: string): string {
    if (this.nesting === deepest) throw this.unsupported(`'${open}' nested too deep`, start);
    this.nesting++;
    let depth = 0;
    for (;;) {
      const character = this.peek();
      if (character === undefined) throw this.truncated(`'${open}'`, start);
      if (character === open) depth++;
      if (character === close) depth--;
      if (character === '\\') this.escaped();
      else if (character === '"') this.doubleQuoted();
      else if (character === "'") {
        if (this.take(singleQuoted) === undefined) throw this.truncated('a quote', this.at);
      } else this.at++;
      if (depth === 0) {
        this.nesting--;
        return this.expands(start, this.at);
      }
    }
  }

  private expands(start: number, stop: number): string {
    this.at = stop;
    const text = this.script.slice(start, stop);
    // One that holds others ends after them, and begins before.
    if (this.expansion === undefined || start < this.expansion.start) {
      this.expansion = { start, text };
    }
    return text;
  }

  private peek(ahead = 0): string | undefined {
    return this.script[this.at + ahead];
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.script) ?? undefined;
    this.at += match?.[0].length ?? 0;
    return match;
  }

  private line(offset: number): number {
    // Mostly asked for one after another: counted from where it was counted to.
    if (offset < this.counted.offset) this.counted = { offset: 0, line: 1 };
    let { line } = this.counted;
    let at = this.script.indexOf('\n', this.counted.offset);
    for (; at !== -1 && at < offset; line++) at = this.script.indexOf('\n', at + 1);
    this.counted = { offset, line };
    return line;
  }

  private truncated(what: string, offset: number): CommandLineError {
    const line = this.line(offset);
    return new CommandLineError('TRUNCATED', `The text ends within ${what} of line ${line}`, {
      line,
    });
  }

  private unsupported(what: string, offset: number): CommandLineError {
    const line = this.line(offset);
    return new CommandLineError(
      'UNSUPPORTED_SHELL',
      `Line ${line} has ${what}, which is not read`,
      {
        line,
      },
    );
  }
}

const ansiEscape =
  /((?:\\x[\da-fA-F]{1,2}|\\[0-7]{1,3})+)|\\u([\da-fA-F]{1,4})|\\U([\da-fA-F]{1,8})|\\c([^])|\\([^])/g;

const ansiCharacters: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** The inside of bash's `$'...'`. Adjacent `\x` and octal escapes are the bytes of UTF-8. */
function ansiUnescaped(body: string): string {
  return body.replace(
    ansiEscape,
    (
      escape: string,
      bytes?: string,
      unit?: string,
      codePoint?: string,
      control?: string,
      character?: string,
    ) => {
      if (bytes !== undefined) {
        const values = [...bytes.matchAll(/\\x([^\\]+)|\\([^\\]+)/g)].map(([, hex, octal]) =>
          hex === undefined ? parseInt(octal ?? '', 8) & 0xff : parseInt(hex, 16),
        );
        return Buffer.from(values).toString('utf8');
      }
      const hex = unit ?? codePoint;
      if (hex !== undefined) {
        const value = parseInt(hex, 16);
        return value <= 0x10ffff ? String.fromCodePoint(value) : escape;
      }
      if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
      return ansiCharacters[character ?? ''] ?? escape;
    },
  );
}
