/** How many tests a run of mocha has passed and failed, by what its reporter (reporter.mjs) writes down. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ passed: number; failed: number }} Counts */

/**
 * A mocha that failed without a failed test (it crashed, say) is a failure, and so is one that found no
 * test: it has proved nothing.
 * @param {(env: NodeJS.ProcessEnv) => boolean | Promise<boolean>} run says whether it passed
 * @param {{ mayBeEmpty?: boolean }} [options] `mayBeEmpty`: it may well be that no test was asked for
 * @returns {Promise<Counts>}
 */
export async function counted(run, { mayBeEmpty = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-test-'));
  const file = join(folder, 'counts.json');
  try {
    const passed = await run({ SIDESTEP_TEST_COUNTS: file });
    const counts = read(file);
    const isProof = passed && (mayBeEmpty || counts.passed > 0);
    return isProof || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns {Counts} */
function read(/** @type {string} */ file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Mocha did not come to its end.
    return { passed: 0, failed: 0 };
  }
}
