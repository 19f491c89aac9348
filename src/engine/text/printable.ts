/** Text of others, made safe to print: names and QEMU's output may hold anything. */

/**
 * Control characters, and those that only steer how others are shown (right-to-left marks, joiners):
 * a name must not move the cursor, nor look like another name.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const unsafeButNewline = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** What JSON leaves as it is, and a terminal might act on. */
const unsafeInJson = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line of safe text: `\n`, `\x1b`, `\u{202e}` stand for what they name. */
export function printable(text: string): string {
  return text.replace(unsafe, escape);
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafeButNewline, escape);
}

/** A JSON document, which reads back as the very value. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(unsafeInJson, (character) =>
    // A character beyond the first plane is two escapes in JSON.
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

function escape(character: string): string {
  const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}
