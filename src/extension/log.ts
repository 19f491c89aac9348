/** The log "Sidestep": what happened, with all causes, for whoever has to find out why. */
import * as vscode from 'vscode';
import { errorChain } from './error-chain';

export class Log implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('Sidestep', { log: true });

  trace(message: string): void {
    this.#channel.trace(message);
  }

  info(message: string): void {
    this.#channel.info(message);
  }

  warn(message: string, error?: unknown): void {
    this.#channel.warn(withChain(message, error));
  }

  error(message: string, error: unknown): void {
    this.#channel.error(withChain(message, error));
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }
}

function withChain(message: string, error: unknown): string {
  return error === undefined ? message : `${message}\n${errorChain(error)}`;
}
