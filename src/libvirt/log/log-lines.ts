/**
 * libvirt's own log format, line for line, as `virLogFormatString` writes it:
 *
 *     2026-11-23 14:33:07.511+0000: 61: debug : qemuMonitorMigrateToFd:2221 : fd=28 flags=0x0
 *
 * The time is UTC, whatever the host's zone is. A message may go on over further lines, which begin
 * with no time. A log of a busy daemon has gigabytes, of which little is asked for: of other lines
 * only their beginning is looked at, where it stands.
 */

export type Level = 'debug' | 'info' | 'warning' | 'error';

export interface LogLine {
  /** µs since the Unix epoch, known to the millisecond. */
  readonly at: number;
  /** Of the daemon: pid of a thread, as the log names it. */
  readonly thread: number;
  readonly level: Level;
  /** The function that said it; empty where the log names none. */
  readonly from: string;
  /** Its first line, one character for each byte. */
  readonly text: string;
}

export interface LogLineListener {
  /** Whether a message that begins so is asked for; `at` is where it begins in `text`. */
  asksFor(text: string, at: number, level: Level): boolean;
  hear(line: LogLine): void;
  /** Of the message that was heard last, one more line. */
  hearMore(text: string): void;
}

const levels: Readonly<Record<string, Level>> = {
  d: 'debug',
  i: 'info',
  w: 'warning',
  e: 'error',
};

/** Length of `2026-11-23 14:33:07.511+0000: `. */
const timeLength = 30;
const zero = 48;

/** One that is longer is no log: only its beginning is kept. */
const longestLine = 64 * 1024 * 1024;

export class LogLines {
  /** The start of a line that is not yet whole. */
  #rest = '';
  #day = '';
  /** µs since the Unix epoch. */
  #dayStart = 0;
  /** Whether the message that the last line belongs to was heard. */
  #isHeard = false;

  constructor(private readonly listener: LogLineListener) {}

  /** The next bytes of the log, cut anywhere. */
  read(data: Uint8Array): void {
    // One byte a character: nothing has to be decoded that nobody asks for.
    const piece = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    const lastEnd = piece.lastIndexOf('\n');
    if (lastEnd < 0) {
      if (this.#rest.length < longestLine) this.#rest += piece;
      return;
    }
    let start = 0;
    if (this.#rest !== '') {
      start = piece.indexOf('\n') + 1;
      const line = this.#rest + piece.slice(0, start - 1);
      this.#rest = '';
      this.#line(line, 0, line.length);
    }
    while (start <= lastEnd) {
      const end = piece.indexOf('\n', start);
      this.#line(piece, start, end);
      start = end + 1;
    }
    this.#rest = piece.slice(lastEnd + 1);
  }

  /** There is no more: what is not yet whole is a line as well. */
  end(): void {
    const line = this.#rest;
    this.#rest = '';
    if (line !== '') this.#line(line, 0, line.length);
  }

  #line(text: string, start: number, end: number): void {
    if (!beginsWithTime(text, start, end)) {
      if (this.#isHeard) this.listener.hearMore(text.slice(start, end));
      return;
    }
    this.#isHeard = false;
    let at = start + timeLength;
    let thread = 0;
    for (; at < end; at++) {
      const digit = text.charCodeAt(at) - zero;
      if (digit < 0 || digit > 9) break;
      thread = thread * 10 + digit;
    }
    const level = levels[text.charAt(at + 2)];
    const from = text.indexOf(' : ', at) + 3;
    if (level === undefined || from < 3 || from > end) return;
    const [fromEnd, message] = placeOf(text, from, end);
    if (!this.listener.asksFor(text, message, level)) return;
    this.#isHeard = true;
    this.listener.hear({
      at: this.#timeAt(text, start),
      thread,
      level,
      from: text.slice(from, fromEnd),
      text: text.slice(message, end),
    });
  }

  #timeAt(text: string, at: number): number {
    if (this.#day === '' || !text.startsWith(this.#day, at)) {
      this.#day = text.slice(at, at + 10);
      this.#dayStart = Date.parse(`${this.#day}T00:00:00Z`) * 1000;
    }
    const two = (offset: number) =>
      (text.charCodeAt(at + offset) - zero) * 10 + text.charCodeAt(at + offset + 1) - zero;
    const seconds = (two(11) * 60 + two(14)) * 60 + two(17);
    const milliseconds = two(20) * 10 + text.charCodeAt(at + 22) - zero;
    return this.#dayStart + (seconds * 1000 + milliseconds) * 1000;
  }
}

function beginsWithTime(text: string, start: number, end: number): boolean {
  return (
    end - start > timeLength &&
    text.charCodeAt(start + 4) === 45 /* - */ &&
    text.charCodeAt(start + 10) === 32 /* space */ &&
    text.charCodeAt(start + 19) === 46 /* . */ &&
    text.startsWith('+0000: ', start + 23)
  );
}

/**
 * Of `qemuMonitorSend:861 : QEMU_MONITOR_SEND_MSG`: where the function's name ends, and where the
 * message begins. What a daemon says of itself has no function.
 */
function placeOf(text: string, from: number, end: number): [nameEnd: number, message: number] {
  let at = from;
  while (at < end && isNameCharacter(text.charCodeAt(at))) at++;
  const nameEnd = at;
  if (at === from || text.charCodeAt(at) !== 58 /* : */) return [from, from];
  at++;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  return text.startsWith(' : ', at) ? [nameEnd, at + 3] : [from, from];
}

function isDigit(code: number): boolean {
  return code >= zero && code <= zero + 9;
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    isDigit(code) ||
    code === 95 /* _ */
  );
}
