/** What a command runs with: the terminal, and the engine once it asks for it. */
import { resolve } from 'node:path';
import type { Engine } from '../engine/engine';
import type { Host } from '../host/host';
import type { Terminal } from './output/terminal';

export class Context {
  #host: Promise<Host> | undefined;
  #engine: Promise<Engine> | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly cwd: string,
    private readonly stateFolder: string | undefined,
  ) {}

  host(): Promise<Host> {
    this.#host ??= import('../host/local').then(({ openLocalHost }) => openLocalHost());
    return this.#host;
  }

  engine(): Promise<Engine> {
    this.#engine ??= this.#openEngine();
    return this.#engine;
  }

  /** A path as it was typed, absolute. */
  path(typed: string): string {
    return resolve(this.cwd, typed);
  }

  /** A program as it was typed: a path, or a name to be searched on the host's PATH. */
  program(typed: string): string {
    return typed.includes('/') ? this.path(typed) : typed;
  }

  async dispose(): Promise<void> {
    await (await this.#engine)?.close();
    await (await this.#host)?.dispose();
  }

  async #openEngine(): Promise<Engine> {
    const [{ Engine }, host] = await Promise.all([import('../engine/engine'), this.host()]);
    return Engine.open(
      host,
      this.stateFolder === undefined ? undefined : this.path(this.stateFolder),
    );
  }
}
