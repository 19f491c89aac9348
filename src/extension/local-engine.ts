import type * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import type { LocalHost } from '../host/local';

/** The engine on the machine that the extension runs on, opened when it is first asked for. */
export class LocalEngine implements vscode.Disposable {
  #host: LocalHost | undefined;
  #engine: Promise<Engine> | undefined;

  /** @throws SidestepError, and the next call tries again */
  async open(): Promise<Engine> {
    this.#engine ??= this.#open();
    try {
      return await this.#engine;
    } catch (error) {
      this.#engine = undefined;
      throw error;
    }
  }

  dispose(): void {
    void this.#host?.dispose();
  }

  async #open(): Promise<Engine> {
    const [{ Engine }, { openLocalHost }] = await Promise.all([
      import('../engine/engine'),
      import('../host/local'),
    ]);
    this.#host ??= openLocalHost();
    return Engine.open(this.#host);
  }
}
