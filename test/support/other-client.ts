/** Clients of the same state folder in processes of their own, to compete with and to kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { repository } from '../../scripts/setup/cache.mjs';

/** Runs test/support/client.mts. */
export class OtherClient {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [bundled(), ...args], {
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

let bundle: string | undefined;

/** Starts in a tenth of the time that the sources take. */
function bundled(): string {
  if (bundle !== undefined) return bundle;
  const folder = mkdtempSync(join(tmpdir(), 'sst-client-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true });
  });
  bundle = join(folder, 'client.mjs');
  buildSync({
    entryPoints: [join(repository, 'test/support/client.mts')],
    ...{ outfile: bundle, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
    mainFields: ['module', 'main'],
    loader: { '.py': 'text' },
  });
  return bundle;
}
