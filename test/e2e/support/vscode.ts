/** VS Code as a user has it: the packaged extension is installed, and nothing is driven from within. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository, vscode } from '../../../scripts/setup/cache.mjs';
import { openBrowser } from '../../vscode/client.mjs';
import type { Page } from '../../vscode/playwright';
import { dataFolder, startServer } from '../../vscode/server.mjs';

const run = promisify(execFile);

export const vsix = join(repository, 'dist/sidestep.vsix');
export const windowSize = { width: 1440, height: 900 };

/** So that nothing but the extension is in the way. */
const workspaceSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.layoutControl.enabled': false,
  'window.commandCenter': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
};

/** Whose VS Code it is. */
export interface User {
  readonly home: string;
  /** A folder of the PATH, before all others. */
  readonly programs: string;
  /** For the domains of this machine; by default one of the window's own. */
  readonly stateFolder?: string;
}

export class VsCode {
  /** What the page's console and the server have said. */
  readonly output: string[] = [];
  /** What must not happen: JavaScript's own dialogs, and errors of the page. */
  readonly alarms: string[] = [];

  private constructor(
    readonly page: Page,
    readonly workspace: string,
    readonly url: string,
    private readonly close: () => Promise<void>,
  ) {
    page.on('console', (message) => {
      this.output.push(`${message.type()}: ${message.text()}`);
    });
    page.on('dialog', (dialog) => {
      this.alarms.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  static async open({ home, programs, stateFolder }: User): Promise<VsCode> {
    const folder = await mkdtemp(join(tmpdir(), 'sidestep-e2e-'));
    const closing: (() => Promise<unknown>)[] = [
      () => rm(folder, { recursive: true, force: true }),
    ];
    const close = async (): Promise<void> => {
      for (const step of closing.splice(0).reverse()) await step();
    };
    try {
      // The domains of the machine that the tests run on are nobody's business.
      const workspace = makeWorkspace(folder, stateFolder ?? join(folder, 'state'));
      await installExtension(folder);
      const server = await startServer(
        folder,
        {
          HOME: home,
          PATH: [programs, process.env['PATH']].join(':'),
          SSH_AUTH_SOCK: '',
          // Not the tests' own window on the host.
          XDG_RUNTIME_DIR: folder,
        },
        { isDriven: false },
      );
      closing.push(server.stop);
      const browser = await openBrowser(windowSize);
      closing.push(browser.close);
      const url = new URL(`http://127.0.0.1:${server.port}/`);
      url.searchParams.set('folder', workspace);
      const opened = new VsCode(browser.page, workspace, url.href, close);
      await browser.page.goto(url.href);
      return opened;
    } catch (error) {
      await close();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.close();
  }
}

function makeWorkspace(folder: string, stateFolder: string): string {
  const workspace = join(folder, 'vms');
  cpSync(join(repository, 'test/vscode/workspace'), workspace, { recursive: true });
  mkdirSync(join(workspace, '.vscode'));
  writeFileSync(join(workspace, '.vscode/settings.json'), JSON.stringify(workspaceSettings));
  const machine = join(dataFolder(folder), 'data/Machine');
  mkdirSync(machine, { recursive: true });
  writeFileSync(
    join(machine, 'settings.json'),
    JSON.stringify({ 'sidestep.stateFolder': stateFolder }),
  );
  return workspace;
}

async function installExtension(folder: string): Promise<void> {
  await run(vscode.node, [
    ...[vscode.server, '--server-data-dir', dataFolder(folder), '--accept-server-license-terms'],
    ...['--install-extension', vsix],
  ]);
}
