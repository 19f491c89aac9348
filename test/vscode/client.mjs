/** VS Code's own web client, in a headless Chromium. */
import { createRequire } from 'node:module';
import { repository, vscode } from '../../scripts/setup/cache.mjs';

/** @typedef {import('./playwright').Page} Page */
/** @typedef {import('./playwright').Locator} Locator */

const usualSize = { width: 1280, height: 800 };

/** @returns {Promise<{ page: Page; close: () => Promise<void> }>} */
export async function openBrowser(size = usualSize) {
  const { chromium } = createRequire(import.meta.url)(vscode.playwright);
  /** @type {import('./playwright').Browser} */
  const browser = await chromium.launch({
    executablePath: vscode.browser,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage({ viewport: size });
  return { page, close: () => browser.close() };
}

/**
 * The address of a window with this extension, from its sources, in its extension host.
 * @param {number} port the server's
 * @param {string} workspace a folder
 * @param {string} [suite] a script whose `run` the extension host is to call
 */
export function windowUrl(port, workspace, suite) {
  const authority = `127.0.0.1:${port}`;
  const remote = (/** @type {string} */ path) => `vscode-remote://${authority}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(repository.replace(/\/$/, ''))],
    ...(suite === undefined ? [] : [['extensionTestsPath', remote(suite)]]),
    ['skipWelcome', 'true'],
  ];
  const url = new URL(`http://${authority}/`);
  url.searchParams.set('folder', workspace);
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}
