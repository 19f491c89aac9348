/** VS Code's own web client, in a headless Chromium. */
import { createRequire } from 'node:module';
import { repository, vscode } from '../../scripts/setup/cache.mjs';

/**
 * What is used of Playwright, which lies in the cache folder with VS Code.
 *
 * @typedef {object} Page
 * @property {(name: string, called: (...args: never[]) => void) => Promise<void>} exposeFunction
 * @property {(url: string) => Promise<unknown>} goto
 * @property {(options: { path: string }) => Promise<unknown>} screenshot
 * @property {(event: 'crash' | 'close', told: () => void) => void} on
 * @property {{ press: (keys: string) => Promise<void>; type: (text: string) => Promise<void> }} keyboard
 * @property {(selector: string, options?: object) => Locator} locator
 *
 * @typedef {object} Locator
 * @property {(options?: object) => Promise<void>} click
 * @property {(options?: object) => Promise<void>} hover
 * @property {(options?: object) => Promise<void>} waitFor
 * @property {() => Locator} first
 */

const size = { width: 1280, height: 800 };

/** @returns {Promise<{ page: Page; close: () => Promise<void> }>} */
export async function openBrowser() {
  const { chromium } = createRequire(import.meta.url)(vscode.playwright);
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
