/**
 * One thing that has to be there. `isDone` is quick and changes nothing; `take` makes the thing
 * there as a whole or, interrupted at any moment, leaves `isDone` false.
 *
 * @typedef {object} Step
 * @property {string} what
 * @property {() => boolean} isDone
 * @property {() => boolean} needsRoot
 * @property {() => void} take
 */

import { accessSync, constants, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { run } from './run.mjs';

export const isRoot = () => process.getuid?.() === 0;

/** Whether we may make `path`. */
export function canMake(/** @type {string} */ path) {
  let parent = dirname(path);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    accessSync(parent, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes a folder that is there with all in it, or not at all: it is filled under another name.
 * @param {string} folder
 * @param {(partial: string) => void} fill
 */
export function makeFolder(folder, fill) {
  const partial = `${folder}.partial`;
  remove(partial);
  mkdirSync(partial, { recursive: true });
  fill(partial);
  remove(folder);
  renameSync(partial, folder);
}

/** Removes a folder. What an interrupted debootstrap left mounted in it (/proc, /sys) is not gone into. */
function remove(/** @type {string} */ folder) {
  if (!existsSync(folder)) return;
  run('rm', ['-rf', '--one-file-system', folder]);
}
