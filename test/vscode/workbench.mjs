/** A VS Code with the extension and a workspace of its own, all of it gone afterwards. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { qemu100, repository, vscode, walkerImages } from '../../scripts/setup/cache.mjs';
import { openBrowser } from './client.mjs';
import { startServer } from './server.mjs';

/** So that nothing but the extension is in the way. */
const settings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
};

/**
 * @typedef {object} Folder
 * @property {string} folder
 * @property {string} workspace within the folder
 * @property {string} report where the suite writes what it has found
 *
 * @typedef {Folder & {
 *   page: import('./client.mjs').Page;
 *   server: import('./server.mjs').Server;
 * }} Workbench
 */

/**
 * What the suite asks its environment for.
 * @param {string} report
 */
export function suiteEnvironment(report) {
  return {
    SIDESTEP_VSCODE_REPORT: report,
    SIDESTEP_TEST_WALKER: walkerImages.disk,
    SIDESTEP_TEST_QEMU_10: qemu100,
    PATH: `${process.env['PATH']}:${vscode.emulators}`,
  };
}

/**
 * A folder with a workspace, for as long as it is used.
 * @template Result
 * @param {Record<string, unknown>} ownSettings
 * @param {(folder: Folder) => Promise<Result>} use
 */
export async function withFolder(ownSettings, use) {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-vscode-'));
  try {
    const workspace = join(folder, 'vms');
    cpSync(join(repository, 'test/vscode/workspace'), workspace, { recursive: true });
    mkdirSync(join(workspace, '.vscode'));
    writeFileSync(
      join(workspace, '.vscode/settings.json'),
      JSON.stringify({ ...settings, ...ownSettings }),
    );
    return await use({ folder, workspace, report: join(folder, 'report.txt') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @template Result
 * @param {Record<string, unknown>} ownSettings
 * @param {(workbench: Workbench) => Promise<Result>} use
 */
export function withWorkbench(ownSettings, use) {
  return withFolder(ownSettings, async ({ folder, workspace, report }) => {
    const server = await startServer(folder, suiteEnvironment(report));
    try {
      const browser = await openBrowser();
      try {
        return await use({ folder, workspace, report, page: browser.page, server });
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
  });
}
