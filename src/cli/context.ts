/** What a command runs with: the terminal, and the engine once it asks for it. */
import { isAbsolute, resolve } from 'node:path';
import type { Engine } from '../engine/engine';
import { HostError } from '../host/errors';
import type { Host } from '../host/host';
import { openHost, type HostChoice } from './open-host';
import { errorText } from './output/errors';
import { recoveryText } from './output/recovery';
import type { Terminal } from './output/terminal';
import { UsageError } from './usage-error';

export class Context {
  #host: Promise<Host> | undefined;
  #engine: Promise<Engine> | undefined;

  constructor(
    readonly terminal: Terminal,
    private readonly cwd: string,
    private readonly choice: HostChoice,
    private readonly stateFolder: string | undefined,
  ) {}

  host(): Promise<Host> {
    this.#host ??= openHost(this.choice, this.terminal);
    return this.#host;
  }

  /** @param options.recovers whether migrations that were cut off are first brought to their end */
  engine({ recovers = true }: { readonly recovers?: boolean } = {}): Promise<Engine> {
    this.#engine ??= this.#openEngine(recovers);
    return this.#engine;
  }

  /** A path on this machine as it was typed, absolute. */
  ownPath(typed: string): string {
    return resolve(this.cwd, typed);
  }

  /**
   * A path on the host as it was typed, absolute.
   * @throws UsageError for a relative one on another machine: nobody is in a folder there
   */
  path(typed: string): string {
    if (this.#isHere) return this.ownPath(typed);
    if (isAbsolute(typed)) return typed;
    throw new UsageError(`Paths on ${this.choice.name} must be absolute, not "${typed}".`);
  }

  /** Where relative paths of a QEMU command line belong; the root folder on another machine. */
  get folder(): string {
    return this.#isHere ? this.cwd : '/';
  }

  /** A program as it was typed: a path, or a name to be searched on the host's PATH. */
  program(typed: string): string {
    return typed.includes('/') ? this.path(typed) : typed;
  }

  async dispose(): Promise<void> {
    try {
      await (await this.#engine)?.close();
    } catch (error) {
      // A host that is lost has let go of all by itself.
      if (!(error instanceof HostError && error.code === 'DISCONNECTED')) throw error;
    } finally {
      await (await this.#host)?.dispose();
    }
  }

  get #isHere(): boolean {
    return this.choice.name === 'local';
  }

  async #openEngine(recovers: boolean): Promise<Engine> {
    const [{ Engine }, host] = await Promise.all([import('../engine/engine'), this.host()]);
    const engine = await Engine.open(
      host,
      this.stateFolder === undefined ? undefined : this.path(this.stateFolder),
    );
    if (recovers) await this.#recover(engine);
    return engine;
  }

  /** What cannot be recovered now keeps nobody from what he came for. */
  async #recover(engine: Engine): Promise<void> {
    try {
      const recoveries = await engine.recoverAll();
      for (const recovery of recoveries) this.terminal.printError(recoveryText(recovery));
    } catch (error) {
      this.terminal.printError(errorText(error, this.terminal.paintError));
    }
  }
}
