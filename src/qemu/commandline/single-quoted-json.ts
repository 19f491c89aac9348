/** One without an end goes to the text's: so none is looked for twice. */
const stringPattern = /"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)/gs;
const characterPattern = /\\.|./gs;

/**
 * JSON as QEMU takes it, with strings in single or double quotes and `\'` in either, as standard
 * JSON. What needs no change stays as it is. `toWritten` leads from an offset in the text back to
 * the one in what was written.
 */
export function doubleQuoted(written: string): {
  text: string;
  toWritten: (offset: number) => number;
} {
  const shifts: { offset: number; shift: number }[] = [];
  let shift = 0;
  const text = written.replace(stringPattern, (string: string, start: number) => {
    const body = string
      .slice(1, -1)
      .replace(characterPattern, (character) =>
        character === "\\'" ? "'" : character === '"' ? '\\"' : character,
      );
    shift += body.length + 2 - string.length;
    shifts.push({ offset: start + string.length + shift, shift });
    return `"${body}"`;
  });
  return {
    text,
    toWritten: (offset) => {
      const last = shifts.findLast((entry) => entry.offset <= offset);
      return offset - (last?.shift ?? 0);
    },
  };
}
