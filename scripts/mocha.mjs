/** Runs some of the tests, with settings of their own from the environment. */
import { spawnSync } from 'node:child_process';
import { repository } from './setup/cache.mjs';

/** .mocharc.json names all tests, and mocha would add them to ours. */
const mocha = [
  ...['--import', 'tsx', '--import', './test/support/python-text.mjs'],
  ...['node_modules/mocha/bin/mocha.js', '--no-config', '--timeout', '60000'],
];

/**
 * @param {readonly string[]} words files, and options of mocha
 * @param {NodeJS.ProcessEnv} settings
 * @returns {number} the exit status
 */
export function runMocha(words, settings) {
  const { status } = spawnSync(process.execPath, [...mocha, ...words], {
    cwd: repository,
    env: { ...process.env, ...settings },
    stdio: 'inherit',
  });
  return status ?? 1;
}
