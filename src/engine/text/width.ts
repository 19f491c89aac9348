/** How many columns a terminal gives to text. */

/** Scripts and symbols that fill two columns. */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;
/** Marks that stand on the character before them. */
const mark = /\p{M}/u;

export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

export function padToColumns(text: string, columns: number, side: 'left' | 'right'): string {
  const padding = ' '.repeat(Math.max(0, columns - columnsOf(text)));
  return side === 'left' ? text + padding : padding + text;
}

/** Text cut to fit, with an ellipsis in place of what does not. */
export function cutToColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += columnsOfCharacter(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

function columnsOfCharacter(character: string): number {
  if (mark.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
