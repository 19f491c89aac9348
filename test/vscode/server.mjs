/** VS Code's own server, with nothing of the machine's user in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vscode } from '../../scripts/setup/cache.mjs';

/** @typedef {{ port: number; output: readonly string[]; stop: () => Promise<void> }} Server */

/** Within the folder of a server: its settings, extensions and logs. */
export const dataFolder = (/** @type {string} */ folder) => join(folder, 'server');

/**
 * @param {string} folder its data and temporary files, removed by the caller
 * @param {NodeJS.ProcessEnv} env added to the environment of the server and of the extension host
 * @param {{ isDriven?: boolean }} [options] whether the client takes a test suite from its address, and
 * tells its verdict; a driven client shows no toasts
 * @returns {Promise<Server>}
 */
export async function startServer(folder, env, { isDriven = true } = {}) {
  const options = [
    ['--host', '127.0.0.1'],
    ['--port', '0'],
    ['--server-data-dir', dataFolder(folder)],
    ['--without-connection-token'],
    ['--accept-server-license-terms'],
    ['--disable-telemetry'],
    ['--disable-workspace-trust'],
    // Our environment, not a login shell's.
    ['--force-disable-user-env'],
    ...(isDriven ? [['--enable-smoke-test-driver']] : []),
  ];
  const server = spawn(vscode.node, [vscode.server, ...options.flat()], {
    // A process group of its own: the server's helpers end with it.
    detached: true,
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(server, 'exit');
  /** @type {string[]} */
  const output = [];
  createInterface(server.stderr).on('line', (line) => output.push(line));
  const kill = () => {
    killGroup(server.pid);
  };
  // An interrupted run leaves nothing behind either: the browser's driver turns a signal into this.
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    kill();
    await ended;
  };
  const lines = createInterface(server.stdout);
  const port = await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      output.push(line);
      const bound = /^Extension host agent listening on (\d+)$/.exec(line);
      if (bound !== null) resolve(Number(bound[1]));
    });
    server.once('error', reject);
    server.once('exit', () => {
      reject(new Error(`VS Code's server ended at its start:\n${output.join('\n')}`));
    });
  });
  return { port, output, stop };
}

function killGroup(/** @type {number | undefined} */ pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
