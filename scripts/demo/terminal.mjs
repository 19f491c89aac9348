/* global setInterval, clearInterval */
/** How the demo prints: coloured on a terminal, plain lines in a log. */

const isTerminal = process.stdout.isTTY === true;
const isColoured = isTerminal && process.env['NO_COLOR'] === undefined;

const style = (/** @type {string} */ code) => (/** @type {string} */ text) =>
  isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
const bold = style('1');
const dim = style('2');
const green = style('32');
const red = style('31');

/** Where a command's line ends, if an option follows. */
const softWidth = 70;

export function say(text = '') {
  console.log(text);
}

export function heading(/** @type {string} */ text) {
  say(`\n${bold(text)}`);
}

export function remark(/** @type {string} */ text) {
  say(dim(text));
}

/**
 * Prints a shell command. A long one goes on in further lines, which begin with an option.
 * @param {readonly string[]} words
 * @param {(text: string) => string} shorten makes it readable
 */
export function showCommand(words, shorten) {
  const lines = [''];
  for (const word of words.map(quote).map(shorten)) {
    const line = lines.at(-1) ?? '';
    if (/^--?\w/.test(word) && line.length + word.length > softWidth) lines.push(`   ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  remark(`$${lines.join(' \\\n')}`);
}

function quote(/** @type {string} */ word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function fail(/** @type {unknown} */ error) {
  say();
  say(`${red('The demo failed:')} ${error instanceof Error ? error.message : String(error)}`);
}

/**
 * Prints a claim, once it is known whether it holds.
 * @param {boolean} holds
 * @param {string} what
 * @param {string} seen
 * @throws {Error} unless it holds
 */
export function claim(holds, what, seen) {
  say(`  ${holds ? green('✓') : red('✗')} ${what.padEnd(16)}${seen}`);
  if (!holds) throw new Error(`${what} is not as it should be (${seen}).`);
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
  const show = () => {
    process.stdout.write(`\r  ${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  };
  const timer = setInterval(show, 100);
  try {
    return await wait();
  } finally {
    clearInterval(timer);
    process.stdout.write('\r\u001b[K');
  }
}
