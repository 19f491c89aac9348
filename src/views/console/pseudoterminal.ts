/** A QMP console as VS Code's terminal has it. */
import * as vscode from 'vscode';
import type { ConsoleSession } from '../../engine/console';
import { ConsoleView } from './console-view';

export interface ConsolePseudoterminalOptions {
  readonly connect: (signal: AbortSignal) => Promise<ConsoleSession>;
  /** The terminal is closed, by whomever. */
  readonly onClose: () => void;
}

/** Until the terminal says how wide it is. */
const defaultColumns = 80;

export class ConsolePseudoterminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<void>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#closed.event;
  #view: ConsoleView | undefined;
  /** Put on the line before there was one. */
  #prefilled: string | undefined;

  constructor(private readonly options: ConsolePseudoterminalOptions) {}

  open(dimensions: vscode.TerminalDimensions | undefined): void {
    this.#view = new ConsoleView(
      {
        connect: this.options.connect,
        write: (data) => {
          this.#written.fire(data);
        },
        end: () => {
          this.#closed.fire();
          this.#end();
        },
        t: (message, ...args) => vscode.l10n.t(message, ...args),
      },
      dimensions?.columns ?? defaultColumns,
    );
    if (this.#prefilled !== undefined) this.#view.prefill(this.#prefilled);
  }

  close(): void {
    this.#end();
    this.#written.dispose();
    this.#closed.dispose();
  }

  handleInput(data: string): void {
    this.#view?.input(data);
  }

  setDimensions({ columns }: vscode.TerminalDimensions): void {
    this.#view?.resize(columns);
  }

  /** Puts a command on the line, to be looked at before it is sent. */
  prefill(line: string): void {
    if (this.#view === undefined) this.#prefilled = line;
    else this.#view.prefill(line);
  }

  #end(): void {
    this.#view?.dispose();
    this.#view = undefined;
    this.options.onClose();
  }
}
