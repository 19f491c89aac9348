/** Words of a line whose characters are bytes. */

/** What the bytes say, apart from the line they are cut from. */
export function decode(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Behind the first `mark`; empty if it is not there. */
export function after(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? '' : text.slice(at + mark.length);
}

/** Between the first `from` and the last `to`: names may hold what ends them. Empty if it is not there. */
export function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from) + from.length;
  const end = text.lastIndexOf(to);
  return start < from.length || end < start ? '' : text.slice(start, end);
}

/** The pointer behind `mark`, such as `vm=`: `0x7f278040d920`, or undefined. */
export function pointer(text: string, mark: string): string | undefined {
  const start = text.indexOf(`${mark}0x`) + mark.length;
  if (start < mark.length) return undefined;
  let end = start + 2;
  while (isHexDigit(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}
