/** A log as it grows, made safe for a terminal: whatever a guest prints, it steers nothing. */
import { StringDecoder } from 'node:string_decoder';
import { printableLines } from '../../engine/text/printable';

/** Colours and the like: what they are for is lost, what they do is left to nobody. */
// eslint-disable-next-line no-control-regex
const style = /\x1b\[[\d;:]*m/g;
/** What may be the begin of an end of line, or of a style. */
// eslint-disable-next-line no-control-regex
const unfinished = /(?:\r|\x1b(?:\[[\d;:]{0,32})?)$/;

export class LogText {
  readonly #decoder = new StringDecoder();
  #kept = '';

  /** The next piece for the terminal: its lines end in `\r\n`. */
  push(data: Buffer): string {
    const text = this.#kept + this.#decoder.write(data);
    this.#kept = unfinished.exec(text)?.[0] ?? '';
    const whole = text.slice(0, text.length - this.#kept.length);
    return whole
      .replace(style, '')
      .split('\t')
      .map(printableLines)
      .join('\t')
      .replaceAll('\n', '\r\n');
  }
}
