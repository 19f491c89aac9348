/* global AbortSignal */
/** Runs the command `sidestep` as a user does, with its output where the user sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repository } from '../setup/cache.mjs';
import { DemoFailure, remark } from './terminal.mjs';

const cli = join(repository, 'dist/cli.js');

/** Bundles the command. */
export async function build() {
  const status = await run([join(repository, 'scripts/build.mjs')]);
  if (status !== 0) throw new DemoFailure('Sidestep cannot be built.');
}

export class Sidestep {
  constructor(
    /** @type {string} */ stateFolder,
    /** @type {(text: string) => string} */ shorten,
  ) {
    this.stateFolder = stateFolder;
    this.shorten = shorten;
  }

  /**
   * Shows a command, and runs it.
   * @param {readonly string[]} args
   * @param {AbortSignal} signal
   * @throws {DemoFailure} unless it ends with status 0
   */
  async run(args, signal) {
    const words = ['--state-dir', this.stateFolder, ...args];
    remark(`$ ${this.shorten(['sidestep', ...words].map(quote).join(' '))}`);
    const status = await run([cli, ...words], signal);
    signal.throwIfAborted();
    if (status !== 0) {
      throw new DemoFailure(`sidestep ${args[0]} ended with exit status ${status}.`);
    }
  }

  /**
   * Ends a domain, without a word.
   * @returns {Promise<boolean>} whether it could
   */
  async destroy(/** @type {string} */ domain) {
    const args = [cli, '--state-dir', this.stateFolder, 'destroy', domain];
    return (await run(args, undefined, 'ignore')) === 0;
  }
}

/**
 * @param {readonly string[]} args
 * @param {AbortSignal} [signal]
 * @param {'inherit' | 'ignore'} [output]
 * @returns {Promise<number | NodeJS.Signals>}
 */
async function run(args, signal, output = 'inherit') {
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, output] });
  // It cancels what it is doing and ends: that is waited for, so that nothing goes on behind us.
  const cancel = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', cancel);
  try {
    const [status, killedBy] = await once(child, 'close');
    return status ?? killedBy;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function quote(/** @type {string} */ word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
