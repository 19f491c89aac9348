/**
 * A line that is edited in a terminal: a pure function from what it was and what is typed to what it
 * is and what the terminal is to be told. The line may be longer than the terminal is wide.
 */
import { printable } from '../../engine/text/printable';
import { columnsOf } from '../../engine/text/width';
import type { Completion } from '../../qemu/schema/complete';
import { candidateList } from './candidate-list';
import { readInputs, type Key } from './keys';

export interface EditorState {
  readonly prompt: string;
  readonly text: string;
  /** Offset in the text, between two characters as a reader sees them. */
  readonly cursor: number;
  /** Lines that were submitted, the oldest first. */
  readonly history: readonly string[];
  /** Which of them is shown, and what was being typed before; undefined for a line of one's own. */
  readonly recalled: { readonly index: number; readonly draft: string } | undefined;
  /** What was killed last. */
  readonly killed: string;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Input that is not whole yet. */
  readonly rest: string;
  /** The row of the cursor on the screen, from the prompt's first; undefined while nothing is drawn. */
  readonly row: number | undefined;
}

export type EditorEffect =
  | { readonly kind: 'submit'; readonly line: string }
  /** Ctrl-C. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D on an empty line. */
  | { readonly kind: 'end' };

export interface Edited {
  readonly state: EditorState;
  /** To be written to the terminal. */
  readonly output: string;
  readonly effects: readonly EditorEffect[];
}

export type Completer = (line: string, cursor: number) => Completion;

const historyLimit = 500;

export function newEditor(prompt: string, columns: number): EditorState {
  return {
    ...{ prompt, text: '', cursor: 0, history: [], recalled: undefined },
    ...{ killed: '', columns, rest: '', row: undefined },
  };
}

/** Takes what the terminal sent, in pieces cut anywhere. */
export function edit(state: EditorState, data: string, complete?: Completer): Edited {
  const { inputs, rest } = readInputs(state.rest + data);
  const effects: EditorEffect[] = [];
  let output = '';
  let now: EditorState = { ...state, rest: '' };
  for (const input of inputs) {
    const next = input.kind === 'text' ? typed(now, input.text) : press(now, input.key, complete);
    now = next.state;
    output += next.output ?? '';
    effects.push(...(next.effects ?? []));
  }
  const drawn = redraw(now);
  return { state: { ...drawn.state, rest }, output: output + drawn.output, effects };
}

/** Puts a text on the line in place of what is there. */
export function prefill(state: EditorState, text: string): Edited {
  return { ...redraw(withText(state, text)), effects: [] };
}

/** Prints something of its own above the line, which goes on below. */
export function printAbove(state: EditorState, text: string): Edited {
  const drawn = redraw({ ...state, row: undefined });
  const lines = text === '' ? '' : `${text.replaceAll('\n', '\r\n')}\r\n`;
  return { state: drawn.state, output: `${erase(state)}${lines}${drawn.output}`, effects: [] };
}

/** The terminal has another width: it has rewrapped what was on the screen by itself. */
export function resize(state: EditorState, columns: number): Edited {
  const rewrapped = { ...state, columns };
  const row = state.row === undefined ? undefined : cursorAt(rewrapped, state.cursor).row;
  return { ...redraw({ ...rewrapped, row }), effects: [] };
}

/** Takes the line off the screen, as long as there is nothing to be typed. */
export function hide(state: EditorState): Edited {
  return { state: { ...state, row: undefined }, output: erase(state), effects: [] };
}

/** What a key does; the line is drawn anew after it. */
interface Pressed {
  readonly state: EditorState;
  readonly output?: string;
  readonly effects?: readonly EditorEffect[];
}

const bell = '\x07';
const clearScreen = '\x1b[2J\x1b[3J\x1b[H';

function press(state: EditorState, key: Key, complete: Completer | undefined): Pressed {
  const { text, cursor } = state;
  switch (key) {
    case 'left':
      return { state: { ...state, cursor: before(text, cursor) } };
    case 'right':
      return { state: { ...state, cursor: after(text, cursor) } };
    case 'word-left':
      return { state: { ...state, cursor: wordBefore(text, cursor) } };
    case 'word-right':
      return { state: { ...state, cursor: wordAfter(text, cursor) } };
    case 'home':
      return { state: { ...state, cursor: 0 } };
    case 'end':
      return { state: { ...state, cursor: text.length } };
    case 'backspace':
      return { state: replaced(state, before(text, cursor), cursor) };
    case 'delete':
      return { state: replaced(state, cursor, after(text, cursor)) };
    case 'delete-word-left':
      return { state: killed(state, wordBefore(text, cursor), cursor) };
    case 'delete-space-left':
      return { state: killed(state, spaceBefore(text, cursor), cursor) };
    case 'delete-word-right':
      return { state: killed(state, cursor, wordAfter(text, cursor)) };
    case 'kill-left':
      return { state: killed(state, 0, cursor) };
    case 'kill-right':
      return { state: killed(state, cursor, text.length) };
    case 'yank':
      return typed(state, state.killed);
    case 'previous':
      return { state: recall(state, -1) };
    case 'next':
      return { state: recall(state, 1) };
    case 'tab':
      return completed(state, complete);
    case 'enter':
      return submitted(state);
    case 'interrupt':
      return {
        state: emptied(state),
        output: `${drawAtEnd(state)}^C\r\n`,
        effects: [{ kind: 'interrupt' }],
      };
    case 'delete-or-end':
      return text === ''
        ? { state, effects: [{ kind: 'end' }] }
        : { state: replaced(state, cursor, after(text, cursor)) };
    case 'clear':
      return { state: { ...state, row: undefined }, output: clearScreen };
    case 'unknown':
      return { state };
  }
}

function typed(state: EditorState, text: string): Pressed {
  return { state: replaced(state, state.cursor, state.cursor, text) };
}

function replaced(state: EditorState, from: number, to: number, by = ''): EditorState {
  const { text } = state;
  return {
    ...state,
    text: text.slice(0, from) + by + text.slice(to),
    cursor: from + by.length,
  };
}

function killed(state: EditorState, from: number, to: number): EditorState {
  return from === to ? state : { ...replaced(state, from, to), killed: state.text.slice(from, to) };
}

function withText(state: EditorState, text: string): EditorState {
  return { ...state, text, cursor: text.length };
}

function recall(state: EditorState, step: 1 | -1): EditorState {
  const { history, recalled, text } = state;
  const index = (recalled?.index ?? history.length) + step;
  const draft = recalled?.draft ?? text;
  if (index < 0 || index > history.length) return state;
  const line = history[index];
  return line === undefined
    ? withText({ ...state, recalled: undefined }, draft)
    : withText({ ...state, recalled: { index, draft } }, line);
}

function submitted(state: EditorState): Pressed {
  const { text, history } = state;
  const isNew = text.trim() !== '' && text !== history.at(-1);
  return {
    state: {
      ...emptied(state),
      history: isNew ? [...history, text].slice(-historyLimit) : history,
    },
    output: `${drawAtEnd(state)}\r\n`,
    effects: [{ kind: 'submit', line: text }],
  };
}

/** A fresh line below what has been printed. */
function emptied(state: EditorState): EditorState {
  return { ...withText(state, ''), recalled: undefined, row: undefined };
}

function completed(state: EditorState, complete: Completer | undefined): Pressed {
  const { text, cursor, columns } = state;
  const found = complete?.(text, cursor);
  if (found === undefined || found.candidates.length === 0) return { state, output: bell };
  const { start, end, candidates } = found;
  const common = commonBeginning(candidates.map((candidate) => candidate.text));
  if (common.length > end - start) return { state: replaced(state, start, end, common) };
  return {
    state: { ...state, row: undefined },
    output: `${drawAtEnd(state)}\r\n${candidateList(candidates, columns).join('\r\n')}\r\n`,
  };
}

function commonBeginning(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const text of others) {
    while (!text.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The offset one character before: as a reader sees it, with the marks that stand on it. */
function before(text: string, cursor: number): number {
  return characters.segment(text).containing(Math.max(0, cursor - 1))?.index ?? 0;
}

function after(text: string, cursor: number): number {
  const next = characters.segment(text).containing(cursor);
  return next === undefined ? text.length : next.index + next.segment.length;
}

function wordBefore(text: string, cursor: number): number {
  return cursor - (/[\p{L}\p{N}]*[^\p{L}\p{N}]*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0);
}

function wordAfter(text: string, cursor: number): number {
  return cursor + (/^[^\p{L}\p{N}]*[\p{L}\p{N}]*/u.exec(text.slice(cursor))?.[0].length ?? 0);
}

function spaceBefore(text: string, cursor: number): number {
  return cursor - (/\S*\s*$/.exec(text.slice(0, cursor))?.[0].length ?? 0);
}

interface Place {
  readonly row: number;
  readonly column: number;
}

/** Where a terminal's cursor stands after it has printed the text. */
function placeAfter(text: string, columns: number): Place {
  let row = 0;
  let column = 0;
  for (const character of text) {
    const width = columnsOf(character);
    if (column + width > columns) {
      row++;
      column = 0;
    }
    column += width;
  }
  // A full row leaves the cursor at its end, and the next character goes to the next row.
  return column >= columns ? { row: row + 1, column: 0 } : { row, column };
}

function cursorAt({ prompt, text, columns }: EditorState, cursor: number): Place {
  const place = placeAfter(`${prompt}${printable(text.slice(0, cursor))}`, columns);
  const [next = ''] = printable(text.slice(cursor));
  // A wide character that does not fit stands in the next row.
  const fits = place.column + columnsOf(next) <= columns;
  return fits ? place : { row: place.row + 1, column: 0 };
}

/** From wherever the cursor stands in the line to an empty screen below where it began. */
function erase({ row }: EditorState): string {
  return row === undefined ? '' : `\r${up(row)}\x1b[J`;
}

function redraw(state: EditorState): { state: EditorState; output: string } {
  const end = cursorAt(state, state.text.length);
  const place = cursorAt(state, state.cursor);
  const back = `${up(end.row - place.row)}\r${right(place.column)}`;
  return {
    state: { ...state, row: place.row },
    output: `${erase(state)}${drawn(state, end)}${back}`,
  };
}

/** The whole line with the cursor behind it, before something is printed below. */
function drawAtEnd(state: EditorState): string {
  return `${erase(state)}${drawn(state, cursorAt(state, state.text.length))}`;
}

function drawn({ prompt, text }: EditorState, end: Place): string {
  const line = `\x1b[1m${prompt}\x1b[22m${printable(text)}`;
  const isFull = end.column === 0 && end.row > 0;
  return isFull ? `${line}\r\n` : line;
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}

function right(columns: number): string {
  return columns > 0 ? `\x1b[${columns}C` : '';
}
