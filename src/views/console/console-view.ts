/**
 * A QMP console in a terminal: what is typed goes to QEMU, and what QEMU says comes above the line
 * that is being typed.
 */
import type { ConsoleSession } from '../../engine/console';
import { asSidestepError } from '../../engine/errors';
import { printable, printableLines } from '../../engine/text/printable';
import { columnsOf } from '../../engine/text/width';
import type { Disposable } from '../../host/host';
import type { QmpEvent } from '../../qemu/qmp/client';
import { QmpError } from '../../qemu/qmp/errors';
import { complete, type Completion } from '../../qemu/schema/complete';
import { parseConsoleLine } from '../../qemu/schema/console-line';
import type { QmpSchema } from '../../qemu/schema/schema';
import { coloured, colouredJson, dimmed } from './colours';
import { bracketedPaste } from './keys';
import {
  edit,
  hide,
  newEditor,
  prefill,
  printAbove,
  resize,
  type Edited,
  type EditorEffect,
  type EditorState,
} from './line-editor';

export interface ConsoleViewOptions {
  readonly connect: (signal: AbortSignal) => Promise<ConsoleSession>;
  /** To the terminal. */
  readonly write: (data: string) => void;
  /** The user is done. */
  readonly end: () => void;
  /** As `vscode.l10n.t`. */
  readonly t: (message: string, ...args: (string | number)[]) => string;
}

const prompt = 'QMP> ';

export class ConsoleView implements Disposable {
  readonly #life = new AbortController();
  #editor: EditorState;
  #session: ConsoleSession | undefined;
  #schema: QmpSchema | undefined;
  #isConnecting = false;

  constructor(
    private readonly options: ConsoleViewOptions,
    columns: number,
  ) {
    this.#editor = newEditor(prompt, columns);
    options.write(bracketedPaste.on);
    this.#connect();
  }

  input(data: string): void {
    if (this.#session === undefined) {
      // eslint-disable-next-line no-control-regex
      if (/[\x03\x04]/.test(data)) this.options.end();
      else if (!this.#isConnecting && data.includes('\r')) this.#connect();
      return;
    }
    this.#apply(edit(this.#editor, data, this.#complete));
  }

  resize(columns: number): void {
    if (columns === this.#editor.columns) return;
    if (this.#session === undefined) this.#editor = { ...this.#editor, columns };
    else this.#apply(resize(this.#editor, columns));
  }

  /** Puts a command on the line, to be looked at before it is sent. */
  prefill(line: string): void {
    if (this.#session !== undefined) this.#apply(prefill(this.#editor, line));
    else this.#editor = hide(prefill(this.#editor, line).state).state;
  }

  dispose(): void {
    this.#life.abort();
    this.#session?.dispose();
  }

  #connect(): void {
    const { connect, t } = this.options;
    this.#isConnecting = true;
    this.#print(dimmed(t('Connecting…')));
    connect(this.#life.signal).then(
      (session) => {
        this.#isConnecting = false;
        if (this.#life.signal.aborted) session.dispose();
        else this.#begin(session);
      },
      (error: unknown) => {
        this.#isConnecting = false;
        if (!this.#life.signal.aborted) this.#goOffline(error);
      },
    );
  }

  #begin(session: ConsoleSession): void {
    const { t } = this.options;
    const { version, package: packaged } = session.greeting;
    this.#session = session;
    this.#schema = undefined;
    session.onEvent((event) => {
      this.#print(eventText(event));
    });
    void session.closed.then((reason) => {
      if (this.#life.signal.aborted || this.#session !== session) return;
      this.#session = undefined;
      this.#goOffline(reason);
    });
    session.schema(this.#life.signal).then(
      (schema) => {
        this.#schema = schema;
      },
      (error: unknown) => {
        if (!session.isOpen) return;
        this.#print(dimmed(t('Commands cannot be completed: {0}', messageOf(error))));
      },
    );
    const qemu = printable(packaged === '' ? version : `${version} (${packaged})`);
    this.#print(
      [
        t(
          'QEMU {0}, instance {1} of {2}',
          qemu,
          session.instance.id,
          printable(session.domain.name),
        ),
        dimmed(
          t(
            'Type a command as "name key=value" or as JSON. Tab completes it, Ctrl+D ends the console.',
          ),
        ),
      ].join('\n'),
    );
  }

  #goOffline(error: unknown): void {
    const { t } = this.options;
    const { message, details } = asSidestepError(error);
    const hidden = hide(this.#editor);
    this.#editor = hidden.state;
    this.options.write(hidden.output);
    this.#print(
      [
        coloured(printableLines(message), 'red'),
        ...(details.hint === undefined ? [] : [printableLines(details.hint)]),
        dimmed(t('Press Enter to connect again, Ctrl+D to end the console.')),
      ].join('\n'),
    );
  }

  readonly #complete = (line: string, cursor: number): Completion =>
    this.#schema === undefined
      ? { start: cursor, end: cursor, candidates: [] }
      : complete(this.#schema, line, cursor);

  #apply({ state, output, effects }: Edited): void {
    this.#editor = state;
    this.options.write(output);
    for (const effect of effects) this.#take(effect);
  }

  #take(effect: EditorEffect): void {
    switch (effect.kind) {
      case 'submit':
        this.#submit(effect.line);
        break;
      case 'end':
        this.options.end();
        break;
      case 'interrupt':
        break;
    }
  }

  #submit(line: string): void {
    if (line.trim() === '') return;
    const session = this.#session;
    const parsed = parseConsoleLine(line, this.#schema);
    if (parsed.kind === 'error') {
      this.#print(mistakeText(line, parsed, this.#editor.columns));
      return;
    }
    session?.execute(parsed.command, parsed.arguments, this.#life.signal).then(
      (answer) => {
        this.#print(colouredJson(answer));
      },
      (error: unknown) => {
        // Of one that is closed the reason has been told.
        if (session.isOpen) this.#print(coloured(failureText(error), 'red'));
      },
    );
  }

  /** Above the line, if there is one. */
  #print(text: string): void {
    if (this.#session === undefined) this.options.write(`${text.replaceAll('\n', '\r\n')}\r\n`);
    else this.#apply(printAbove(this.#editor, text));
  }
}

function eventText({ name, data, at }: QmpEvent): string {
  const time = new Date(at / 1000);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const ms = String(time.getMilliseconds()).padStart(3, '0');
  const details = Object.keys(data).length === 0 ? '' : ` ${printable(JSON.stringify(data))}`;
  return `${dimmed(`${clock}.${ms}`)} ${coloured(printable(name), 'blue')}${dimmed(details)}`;
}

/** QEMU's class of the error and its words, or why there is no answer. */
function failureText(error: unknown): string {
  return error instanceof QmpError && error.errorClass !== undefined
    ? printable(`${error.errorClass}: ${error.desc ?? ''}`)
    : messageOf(error);
}

function messageOf(error: unknown): string {
  return printable(asSidestepError(error).message);
}

/** With a mark below the place, where that is on the line's only row. */
function mistakeText(
  line: string,
  { message, position }: { readonly message: string; readonly position: number },
  columns: number,
): string {
  const text = coloured(printable(message), 'red');
  if (columnsOf(prompt + printable(line)) >= columns) return text;
  const column = columnsOf(prompt + printable(line.slice(0, position)));
  return `${' '.repeat(column)}${coloured('^', 'red')}\n${text}`;
}
