/** Runs the command `sidestep` as a user does, with its output where the user sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repository } from '../setup/cache.mjs';
import { say, showCommand } from './terminal.mjs';

const cli = join(repository, 'dist/cli.js');

/** Bundles the command. */
export async function build() {
  const status = await runNode([join(repository, 'scripts/build.mjs')]);
  if (status !== 0) throw new Error('Sidestep cannot be built.');
}

/**
 * Shows a command, and runs it.
 * @param {readonly string[]} args
 * @param {(text: string) => string} shorten makes it readable
 * @param {AbortSignal} signal
 * @throws {Error} unless it ends with status 0
 */
export async function runSidestep(args, shorten, signal) {
  showCommand(['sidestep', ...args], shorten);
  say();
  const status = await runNode([cli, ...args], signal);
  say();
  signal.throwIfAborted();
  if (status !== 0)
    throw new Error(
      `sidestep ended with ${typeof status === 'number' ? 'exit status ' : ''}${status}.`,
    );
}

/**
 * @param {readonly string[]} args
 * @param {AbortSignal} [signal]
 * @returns {Promise<number | string>} exit status, or the signal that ended it
 */
async function runNode(args, signal) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  // It cancels what it is doing and ends. That is waited for: nothing is to go on behind us.
  const cancel = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', cancel);
  try {
    const [status, killedBy] = await once(child, 'close');
    return status ?? killedBy;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
