import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './cache.mjs';
import { run } from './run.mjs';
import { canMake } from './step.mjs';

const nodeModules = join(repository, 'node_modules');

/** @typedef {Record<string, { version?: string; optional?: boolean }>} Packages */

/** @returns {Packages | undefined} */
function readLock(/** @type {string} */ path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

/** @type {import('./step.mjs').Step} */
export const npmPackages = {
  what: 'npm packages',

  // npm writes down what it installed when it is through. An optional package may be another platform's.
  isDone() {
    const installed = readLock(join(nodeModules, '.package-lock.json'));
    const wanted = readLock(join(repository, 'package-lock.json')) ?? {};
    return (
      installed !== undefined &&
      Object.entries(wanted).every(
        ([path, { version, optional }]) =>
          path === '' || optional === true || installed[path]?.version === version,
      )
    );
  },

  needsRoot: () => !canMake(join(nodeModules, '.package-lock.json')),

  take() {
    // esbuild's install script puts its binary in place.
    run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts=false', '--loglevel=error'], {
      cwd: repository,
      // Set by tests of a release, and then what the checks need would be left out.
      env: { NODE_ENV: 'development' },
    });
    run(join(nodeModules, '.bin/esbuild'), ['--version']);
  },
};
