/** How the demo prints: coloured on a terminal, plain lines in a log. */
/* global setInterval, clearInterval */

const isTerminal = process.stdout.isTTY === true;
const isColoured = isTerminal && process.env['NO_COLOR'] === undefined;

const style = (/** @type {string} */ code) => (/** @type {string} */ text) =>
  isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
const bold = style('1');
const dim = style('2');
const green = style('32');
const red = style('31');

/** What the demo found not to be as it says. */
export class DemoFailure extends Error {}

export function say(/** @type {string} */ text = '') {
  console.log(text);
}

export function heading(/** @type {string} */ text) {
  say(`\n${bold(text)}`);
}

export function remark(/** @type {string} */ text) {
  say(dim(text));
}

/**
 * One claim, printed once it has been seen to hold.
 * @param {boolean} holds
 * @param {string} what
 * @param {string} seen
 */
export function claim(holds, what, seen) {
  say(`  ${holds ? green('✓') : red('✗')} ${what.padEnd(17)}${seen}`);
  if (!holds) throw new DemoFailure(`${what}: ${seen}`);
}

/**
 * Shows how long something takes while it does.
 * @template Result
 * @param {string} what
 * @param {() => Promise<Result>} wait
 * @returns {Promise<Result>}
 */
export async function showWaiting(what, wait) {
  if (!isTerminal) {
    say(`  ${what}`);
    return wait();
  }
  const start = Date.now();
  const show = () =>
    process.stdout.write(`\r  ${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  const timer = setInterval(show, 100);
  try {
    return await wait();
  } finally {
    clearInterval(timer);
    process.stdout.write('\r\u001b[K');
  }
}
