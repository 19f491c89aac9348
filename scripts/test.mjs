/**
 * Runs every check, also after one has failed: format, lint, types, build, tests. The last line is
 * `N passed, N failed`, where each check before the tests counts as one test.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted } from './test/counts.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const bin = (/** @type {string} */ name) => join(repository, 'node_modules/.bin', name);

/** A command in a room with libvirt 9.0. */
const inRoom = (/** @type {string[]} */ ...command) => [
  'test/libvirt/enter.mjs',
  'bookworm',
  ...command,
];

/** @typedef {readonly [name: string, program: string, ...args: string[]]} Run */

/** @type {readonly Run[]} */
const checks = [
  ['format', bin('prettier'), '--check', '--log-level=warn', '.'],
  ['lint', bin('eslint'), '--max-warnings=0', '.'],
  ['types', bin('tsc'), '--noEmit'],
  ['page types', bin('tsc'), '--noEmit', '-p', 'src/views/timeline'],
  ['build', process.execPath, 'scripts/build.mjs'],
  ['vscode', process.execPath, 'test/vscode/run.mjs'],
  ['vscode, libvirt', process.execPath, ...inRoom(process.execPath, 'test/vscode/run.mjs')],
  ['e2e', process.execPath, 'test/e2e/run.mjs'],
  ['e2e, libvirt', process.execPath, ...inRoom(process.execPath, 'test/e2e/run.mjs')],
];

/**
 * Each is a run of mocha, which writes down its counts.
 * @type {readonly Run[]}
 */
const testRuns = [
  ['tests', bin('mocha'), '--reporter=scripts/test/reporter.mjs'],
  ['libvirt 9.0', process.execPath, 'test/libvirt/run.mjs', '--room', 'bookworm'],
  ['libvirt 11.3', process.execPath, 'test/libvirt/run.mjs', '--room', 'trixie'],
];

/** Of the output of each check that failed, told again at the end: in a long log it is far up. */
const failures = /** @type {string[]} */ ([]);
const keptChars = 6000;

/**
 * Runs a check with its output as it comes.
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<boolean>} whether it passed
 */
async function passes(name, program, args, env = {}) {
  console.log(`== ${name}`);
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let last = '';
  for (const [stream, terminal] of /** @type {const} */ ([
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ])) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      terminal.write(text);
      last = (last + text).slice(-keptChars);
    });
  }
  const problem = await new Promise((resolve) => {
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('exit', (status, signal) => {
      const outcome = status === 0 ? undefined : (signal ?? `exit status ${status}`);
      child.on('close', () => {
        resolve(outcome);
      });
      // What a check has left behind may hold its output open for ever.
      setTimeout(resolve, 2000, outcome).unref();
    });
  });
  child.stdout.destroy();
  child.stderr.destroy();
  if (problem === undefined) return true;
  failures.push(`== ${name} failed: ${problem}\n${last}`);
  return false;
}

const total = { passed: 0, failed: 0 };
for (const [name, program, ...args] of checks)
  total[(await passes(name, program, args)) ? 'passed' : 'failed']++;
for (const [name, program, ...args] of testRuns) {
  const tests = await counted((env) => passes(name, program, args, env));
  total.passed += tests.passed;
  total.failed += tests.failed;
}

for (const failure of failures) console.log(`\n${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
