import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Within VS Code's folder, for each kind of system. */
const programs = ['code', 'code-insiders', 'codium', 'Code.exe', 'Contents/MacOS/Electron'];

/**
 * The program of an installed VS Code. What is called `code` on the PATH is a script for a terminal,
 * `bin/code` of the installation: it is followed to the program, which alone runs tests.
 * @param {string} given the program, its script, or the folder
 * @returns {string}
 */
export function installedCode(given) {
  const path = realpathSync(given);
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && basename(dirname(path)) !== 'bin') return path;
  const folder = isFolder ? path : dirname(dirname(path));
  const found = programs.map((name) => join(folder, name)).find(isFile);
  if (found === undefined) throw new Error(`No VS Code lies in ${folder}`);
  return found;
}

function isFile(/** @type {string} */ path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
