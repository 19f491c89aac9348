import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LogText } from '../../../src/views/documents/log-text';

describe('the text of a log in a terminal', () => {
  for (const [what, printed, shown] of [
    ['lines end as a terminal wants it', 'one\ntwo\r\nthree\n', 'one\r\ntwo\r\nthree\r\n'],
    ['tabs stay', 'a\tb\n', 'a\tb\r\n'],
    ['colours go', '\x1b[0;1;32mOK\x1b[0m booted\n', 'OK booted\r\n'],
    ['what would move the cursor is shown', 'a\x1b[2Jb\x08c\n', 'a\\x1b[2Jb\\x08c\r\n'],
    ['what would set the title is shown', '\x1b]0;title\x07\n', '\\x1b]0;title\\x07\r\n'],
    ['a return of the carriage is shown', '10%\r20%\n', '10%\\r20%\r\n'],
    ['text of other languages stays', 'grüße 漢字\n', 'grüße 漢字\r\n'],
    ['what is no text is shown as such', Buffer.from([0x61, 0xff, 0x0a]), 'a\ufffd\r\n'],
  ] as const) {
    it(what, () => {
      assert.equal(new LogText().push(Buffer.from(printed as string)), shown);
    });
  }

  it('is the same, however it comes in pieces', () => {
    const piece = fc.constantFrom(
      'a',
      '\n',
      '\r',
      '\t',
      '\x1b',
      '[',
      '0',
      ';',
      'm',
      'K',
      'ü',
      '漢',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.nat(), (pieces, cut) => {
        // What is kept for more to come is told at last.
        const data = Buffer.from(`${pieces.join('')}.`);
        const at = cut % data.length;
        const inTwo = new LogText();
        const first = inTwo.push(data.subarray(0, at));
        assert.equal(first + inTwo.push(data.subarray(at)), new LogText().push(data));
      }),
      { seed: 6 },
    );
  });
});
