/**
 * libvirt's own log format, line for line, as `virLogFormatString` writes it:
 *
 *     2026-11-23 14:33:07.511+0000: 61: debug : qemuMonitorMigrateToFd:2221 : fd=28 flags=0x0
 *
 * The time is UTC, whatever the host's zone is. A message may go on over further lines, which begin
 * with no time. A log of a busy daemon has gigabytes, of which little is asked for: of other lines
 * only their beginning is looked at, where it stands.
 */
import type { LogClock } from './log-clock';

export type Level = 'debug' | 'info' | 'warning' | 'error';

export interface LogLine {
  /** µs since the Unix epoch, known to the millisecond or better. */
  readonly at: number;
  /** Of the daemon: pid of a thread, as the log names it. */
  readonly thread: number;
  readonly level: Level;
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

/** By the first character. */
const levels: ReadonlyMap<string, Level> = new Map(
  (['debug', 'info', 'warning', 'error'] as const).map((level) => [level.charAt(0), level]),
);

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

  constructor(
    private readonly listener: LogLineListener,
    private readonly clock: LogClock,
  ) {}

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
    const threadEnd = text.indexOf(':', start + timeLength);
    const level = levels.get(text.charAt(threadEnd + 2));
    const from = text.indexOf(' : ', threadEnd) + 3;
    if (level === undefined || from < 3 || from > end) return;
    const placeEnd = endOfPlace(text, from);
    const message = placeEnd < 0 ? from : placeEnd + 3;
    if (!this.listener.asksFor(text, message, level)) return;
    const time = this.#timeAt(text, start);
    // No day of any calendar.
    if (Number.isNaN(time)) return;
    this.#isHeard = true;
    this.listener.hear({
      at: this.clock.at(time),
      thread: Number(text.slice(start + timeLength, threadEnd)),
      level,
      text: text.slice(message, end),
    });
  }

  #timeAt(text: string, at: number): number {
    if (this.#day === '' || !text.startsWith(this.#day, at)) {
      this.#day = text.slice(at, at + 10);
      this.#dayStart = Date.parse(`${this.#day}T00:00:00Z`) * 1000;
    }
    const minutes = twoDigits(text, at + 11) * 60 + twoDigits(text, at + 14);
    const seconds = minutes * 60 + twoDigits(text, at + 17);
    const milliseconds = twoDigits(text, at + 20) * 10 + text.charCodeAt(at + 22) - zero;
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
 * Of `qemuMonitorSend:861 : QEMU_MONITOR_SEND_MSG` where `qemuMonitorSend:861` ends; -1 where a
 * message stands without the place it is from: what a daemon says of itself.
 */
function endOfPlace(text: string, from: number): number {
  let at = text.indexOf(':', from) + 1;
  const first = at;
  while (isDigit(text.charCodeAt(at))) at++;
  return at > first && text.startsWith(' : ', at) ? at : -1;
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= zero + 9;
}
