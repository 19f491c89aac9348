import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  edit,
  newEditor,
  prefill,
  printAbove,
  resize,
  type Completer,
  type Edited,
  type EditorEffect,
  type EditorState,
} from '../../../src/views/console/line-editor';
import { Screen } from '../../support/screen';

const up = '\x1b[A';
const down = '\x1b[B';
const right = '\x1b[C';
const left = '\x1b[D';
const home = '\x1b[H';
const end = '\x1b[F';
const del = '\x1b[3~';
const backspace = '\x7f';
const wordLeft = '\x1b[1;5D';
const wordRight = '\x1bf';
const ctrl = (letter: string) => String.fromCharCode(letter.charCodeAt(0) & 0x1f);

const words = ['query-status', 'query-stats ', 'stop'];
const complete: Completer = (line, cursor) => {
  const start = line.lastIndexOf(' ', cursor - 1) + 1;
  const typed = line.slice(start, cursor);
  const candidates = words.filter((word) => word.startsWith(typed));
  return { start, end: cursor, candidates: candidates.map((text) => ({ text, hint: '' })) };
};

class Terminal {
  readonly screen: Screen;
  readonly effects: EditorEffect[] = [];
  state: EditorState;

  constructor(columns = 40) {
    this.screen = new Screen(columns);
    this.state = newEditor('> ', columns);
    this.type('');
  }

  type(...data: readonly string[]): this {
    for (const piece of data) this.apply(edit(this.state, piece, complete));
    return this;
  }

  apply({ state, output, effects }: Edited): void {
    this.state = state;
    this.screen.write(output);
    this.effects.push(...effects);
  }

  get submitted(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'submit' ? effect.line : []));
  }
}

/** What is typed, and how the row of the cursor then looks. */
const edits: readonly (readonly [what: string, typed: string, row: string])[] = [
  ['text', 'abc', '> abc|'],
  ['the cursor keys', `abc${left}${left}X${right}Y`, '> aXbY|c'],
  ['the cursor keys of application mode', 'abc\x1bOD\x1bOD\x1bOC', '> ab|c'],
  ['Home and End', `abc${home}X${end}Y`, '> XabcY|'],
  ['Ctrl+A and Ctrl+E', `abc${ctrl('A')}X${ctrl('E')}Y`, '> XabcY|'],
  ['the cursor keys at both ends', `${left}a${right}${right}b${home}${left}`, '> |ab'],
  ['word by word', `one two-three${wordLeft}${wordLeft}|${wordRight}`, '> one |two|-three'],
  ['Backspace', `abc${left}${backspace}`, '> a|c'],
  ['Backspace at the beginning', `ab${home}${backspace}`, '> |ab'],
  ['Delete', `abc${home}${del}`, '> |bc'],
  ['Ctrl+D within a line', `abc${home}${ctrl('D')}`, '> |bc'],
  [
    'Ctrl+K, and Ctrl+Y elsewhere',
    `abcdef${left.repeat(3)}${ctrl('K')}${home}${ctrl('Y')}`,
    '> def|abc',
  ],
  ['Ctrl+U', `abc def${left}${ctrl('U')}`, '> |f'],
  ['Ctrl+W', `a key=value-x${ctrl('W')}`, '> a |'],
  ['Alt+Backspace', 'a key=value-x\x1b\x7f', '> a key=value-|'],
  ['Alt+D', `one two${home}\x1bd`, '> | two'],
  ['a wide character, left by one key', `a漢b${left}${left}`, '> a|漢b'],
  ['a wide character, deleted as one', `a漢b${left}${backspace}`, '> a|b'],
  ['a mark with the character it stands on', `e\u0301x${left}${backspace}`, '> |x'],
  ['a character of two code units', `😀x${left}${backspace}`, '> |x'],
  ['what steers the terminal, in plain sight', 'a\u202eb', '> a\\u{202e}b|'],
  ['keys that do nothing', `a\x1b[15~\x1bz\x1b[Ib`, '> ab|'],
  ['a paste of several lines as one', '\x1b[200~{"a":\r\n 1}\x1b[201~!', '> {"a":  1}!|'],
  ['Tab, the one candidate', 'st\t', '> stop|'],
  ['Tab, what candidates have in common', 'qu\t', '> query-stat|'],
  ['Tab within a line', `st x${left}${left}\t`, '> stop| x'],
];

describe('The line editor', () => {
  for (const [what, typed, row] of edits) {
    it(`takes ${what}`, () => {
      assert.equal(new Terminal().type(typed).screen.cursorLine, row);
    });
  }

  it('takes the same keys in whatever pieces they come', () => {
    for (const [what, typed, row] of edits) {
      const terminal = new Terminal().type(...Array.from(typed));
      assert.equal(terminal.screen.cursorLine, row, what);
    }
  });

  it('submits a line, which stays on the screen above a fresh one', () => {
    const terminal = new Terminal().type('one\rtwo\r\rthr');
    assert.deepEqual(terminal.submitted, ['one', 'two', '']);
    assert.deepEqual(terminal.screen.lines, ['> one', '> two', '> ', '> thr']);
  });

  it('recalls what was submitted, and comes back to what was being typed', () => {
    const terminal = new Terminal().type('one\r', 'two\r', 'two\r', 'thr');
    const row = (key: string) => terminal.type(key).screen.cursorLine;
    assert.deepEqual([up, up, up, down, down, down].map(row), [
      '> two|',
      '> one|',
      '> one|',
      '> two|',
      '> thr|',
      '> thr|',
    ]);
  });

  it('gives up a line on Ctrl+C, and ends on Ctrl+D only when there is none', () => {
    const terminal = new Terminal().type('abc', ctrl('C'), ctrl('D'));
    assert.deepEqual(terminal.effects, [{ kind: 'interrupt' }, { kind: 'end' }]);
    assert.deepEqual(terminal.screen.lines, ['> abc^C', '> ']);
  });

  it('clears the screen on Ctrl+L, but for the line', () => {
    const terminal = new Terminal().type('one\r', 'tw', ctrl('L'));
    assert.deepEqual(terminal.screen.lines, ['> tw']);
    assert.equal(terminal.screen.cursorLine, '> tw|');
  });

  it('lists the candidates when Tab leads no further, and rings when there are none', () => {
    const terminal = new Terminal().type('query-stat\t');
    assert.deepEqual(terminal.screen.lines, [
      ...['> query-stat', 'query-status  query-stats', '> query-stat'],
    ]);
    assert.equal(terminal.screen.bells, 0);
    terminal.type('x\t');
    assert.equal(terminal.screen.bells, 1);
    assert.equal(terminal.screen.cursorLine, '> query-statx|');
  });

  it('edits a line that is longer than the terminal is wide', () => {
    const terminal = new Terminal(10).type('0123456789abcdef');
    assert.deepEqual(terminal.screen.lines, ['> 01234567', '89abcdef']);
    terminal.type(home, 'X');
    assert.deepEqual(terminal.screen.lines, ['> X0123456', '789abcdef']);
    assert.equal(terminal.screen.cursorLine, '> X|0123456');
    terminal.type(end, ctrl('U'), 'ok');
    assert.deepEqual(terminal.screen.lines, ['> ok']);
  });

  it('keeps the cursor right where a row is just full, and where a wide character does not fit', () => {
    const full = new Terminal(10).type('01234567');
    assert.equal(full.screen.cursorLine, '|');
    full.type(backspace);
    assert.deepEqual(full.screen.lines, ['> 0123456']);
    const wide = new Terminal(10).type('0123456漢');
    assert.deepEqual(wide.screen.lines, ['> 0123456', '漢']);
    assert.equal(wide.type(left).screen.cursorLine, '|漢');
  });

  it('prints above the line, which goes on where it was', () => {
    const terminal = new Terminal(10).type(`0123456789${left}`);
    terminal.apply(printAbove(terminal.state, 'an\nevent'));
    assert.deepEqual(terminal.screen.lines, ['an', 'event', '> 01234567', '89']);
    assert.equal(terminal.screen.cursorLine, '8|9');
  });

  it('is filled in, and drawn anew for another width', () => {
    const terminal = new Terminal(40);
    terminal.apply(prefill(terminal.state, 'set_link name=net0 up=false'));
    assert.equal(terminal.screen.cursorLine, '> set_link name=net0 up=false|');
    const narrow = new Screen(20);
    narrow.write('> set_link name=net0 up=false');
    narrow.write(resize(terminal.state, 20).output);
    assert.deepEqual(narrow.lines, ['> set_link name=net0', ' up=false']);
  });

  it('shows the line and the cursor as they are, whatever is typed in whatever width', () => {
    const key = fc.constantFrom(
      ...['a', 'b ', '漢', 'e\u0301', '😀', '\u200f', left, right, home, end, backspace, del],
      ...[wordLeft, wordRight, ctrl('K'), ctrl('U'), ctrl('W'), ctrl('Y'), up, down, '\r', '\t'],
    );
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 60 }),
        fc.integer({ min: 12, max: 30 }),
        (keys, columns) => {
          const terminal = new Terminal(columns).type(...keys);
          // Drawn at once on an empty screen, it must look the same.
          const fresh = new Screen(columns);
          fresh.write(printAbove({ ...terminal.state, row: undefined }, '').output);
          assert.equal(terminal.screen.cursorLine, fresh.cursorLine);
          const rows = fresh.lines.length;
          assert.deepEqual(terminal.screen.lines.slice(-rows), fresh.lines);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
});
