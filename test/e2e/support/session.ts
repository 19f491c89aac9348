/** One window of VS Code and one host, for all scenarios of a run. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../../scripts/setup/cache.mjs';
import { Workbench } from '../pages/workbench';
import type { DevHost } from './dev-host';
import { VsCode, type User } from './vscode';

/** Pictures of a run go here; those of the README are taken on demand. */
const pictures = join(repository, process.env['SIDESTEP_SCREENSHOTS'] ?? 'dist/e2e');

const shownLines = 20;
/** What VS Code says of itself, also of its native modules that are not there. */
const ofVsCode = /^log: |Failed to load resource|bindings file|ServiceWorker|watchdog|agent/;

interface SessionHost extends User {
  stop(): Promise<void>;
}

export class Session<Host extends SessionHost = DevHost> {
  #host: Host | undefined;
  #vscode: VsCode | undefined;
  #workbench: Workbench | undefined;

  /**
   * To be called in a `describe`: opened before its tests, closed after them.
   * @param start what runs on the host; VS Code opens meanwhile
   */
  static forAll<Host extends SessionHost>(
    open: () => Promise<Host>,
    start: (host: Host) => Promise<void>,
  ): Session<Host> {
    const session = new Session<Host>();
    before('opens VS Code with the packaged extension', async function () {
      this.timeout(90_000);
      session.#host = await open();
      const [vscode] = await Promise.all([VsCode.open(session.#host), start(session.#host)]);
      session.#vscode = vscode;
      session.#workbench = new Workbench(vscode);
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await session.#tellFailure(this.currentTest.title);
    });
    afterEach('nothing has run that must not', () => {
      assert.deepEqual(session.#vscode?.alarms, []);
    });
    after(async function () {
      this.timeout(30_000);
      await session.#vscode?.dispose();
      await session.#host?.stop();
    });
    return session;
  }

  get host(): Host {
    assert.ok(this.#host !== undefined);
    return this.#host;
  }

  get workbench(): Workbench {
    assert.ok(this.#workbench !== undefined);
    return this.#workbench;
  }

  /** Keeps a picture of the window. */
  async picture(name: string): Promise<string> {
    mkdirSync(pictures, { recursive: true });
    const path = join(pictures, `${name}.png`);
    await this.workbench.screenshot(path);
    return path;
  }

  async #tellFailure(title: string): Promise<void> {
    const vscode = this.#vscode;
    if (vscode === undefined) return;
    const path = await this.picture(`failed: ${title}`.replaceAll(/[^\w-]+/g, '-'));
    console.log(`The window then: ${path}`);
    const lines = vscode.output.map((text) => text.split('\n', 1)[0] ?? '');
    const ours = lines.filter((line) => !ofVsCode.test(line));
    console.log(ours.slice(-shownLines).join('\n'));
  }
}
