/** What a terminal sends for keys, as what they do to a line. */

export type Key =
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'backspace'
  | 'delete'
  | 'delete-word-left'
  | 'delete-space-left'
  | 'delete-word-right'
  | 'kill-left'
  | 'kill-right'
  | 'yank'
  | 'previous'
  | 'next'
  | 'tab'
  | 'enter'
  | 'clear'
  | 'interrupt'
  | 'delete-or-end'
  | 'unknown';

export type Input =
  { readonly kind: 'key'; readonly key: Key } | { readonly kind: 'text'; readonly text: string };

const control = (letter: string) => String.fromCharCode(letter.charCodeAt(0) & 0x1f);

const keys: ReadonlyMap<string, Key> = new Map([
  [control('a'), 'home'],
  [control('b'), 'left'],
  [control('c'), 'interrupt'],
  [control('d'), 'delete-or-end'],
  [control('e'), 'end'],
  [control('f'), 'right'],
  ['\b', 'backspace'],
  ['\t', 'tab'],
  ['\n', 'enter'],
  ['\r', 'enter'],
  [control('k'), 'kill-right'],
  [control('l'), 'clear'],
  [control('n'), 'next'],
  [control('p'), 'previous'],
  [control('u'), 'kill-left'],
  [control('w'), 'delete-space-left'],
  [control('y'), 'yank'],
  ['\x7f', 'backspace'],
  ['\x1b\x7f', 'delete-word-left'],
  ['\x1b\b', 'delete-word-left'],
  ['\x1bb', 'word-left'],
  ['\x1bf', 'word-right'],
  ['\x1bd', 'delete-word-right'],
  // Application mode has O in place of [.
  ...(['[', 'O'] as const).flatMap((by): [string, Key][] => [
    [`\x1b${by}A`, 'previous'],
    [`\x1b${by}B`, 'next'],
    [`\x1b${by}C`, 'right'],
    [`\x1b${by}D`, 'left'],
    [`\x1b${by}H`, 'home'],
    [`\x1b${by}F`, 'end'],
  ]),
  ...['1', '7'].map((code): [string, Key] => [`\x1b[${code}~`, 'home']),
  ...['4', '8'].map((code): [string, Key] => [`\x1b[${code}~`, 'end']),
  ['\x1b[3~', 'delete'],
  ['\x1b[3;5~', 'delete-word-right'],
  // With Alt and with Ctrl.
  ...['3', '5'].flatMap((modifier): [string, Key][] => [
    [`\x1b[1;${modifier}C`, 'word-right'],
    [`\x1b[1;${modifier}D`, 'word-left'],
  ]),
]);

/** Around what is pasted, in a terminal that was asked to tell. */
export const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' } as const;
const pasteBegin = '\x1b[200~';
const pasteEnd = '\x1b[201~';

// eslint-disable-next-line no-control-regex
const escapeSequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Za-z]|[^[O])/;
// eslint-disable-next-line no-control-regex
const plainText = /^[^\x00-\x1f\x7f]+/;

/** @returns the inputs, and the beginning of a sequence that has not come whole yet */
export function readInputs(data: string): { inputs: Input[]; rest: string } {
  const inputs: Input[] = [];
  let rest = data;
  while (rest !== '') {
    if (rest.startsWith(pasteBegin)) {
      const end = rest.indexOf(pasteEnd);
      if (end < 0) break;
      inputs.push({ kind: 'text', text: pastedText(rest.slice(pasteBegin.length, end)) });
      rest = rest.slice(end + pasteEnd.length);
      continue;
    }
    const text = plainText.exec(rest)?.[0];
    const sequence = text ?? (rest.startsWith('\x1b') ? escapeSequence.exec(rest)?.[0] : rest[0]);
    if (sequence === undefined) break;
    inputs.push(
      text === undefined
        ? { kind: 'key', key: keys.get(sequence) ?? 'unknown' }
        : { kind: 'text', text },
    );
    rest = rest.slice(sequence.length);
  }
  return { inputs, rest };
}

/** A document of several lines becomes one line: a paste submits nothing. */
function pastedText(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\x00-\x1f\x7f]/g, '');
}
