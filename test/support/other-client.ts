/** Clients of the same state folder in processes of their own, to compete with and to kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';

/** Runs test/support/client.mts. */
export class OtherClient {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  constructor(...args: readonly string[]) {
    const script = join(repository, 'test/support/client.mts');
    this.#child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      cwd: repository,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** The next thing that it says. */
  async says(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the other client has ended');
    return JSON.parse(line.value);
  }

  goOn(): void {
    this.#child.stdin.write('\n');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit');
    }
  }
}
