/** An ssh-agent of the tests' own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Agent {
  readonly socket: string;
  /** @param keys paths of private keys */
  add(...keys: string[]): Promise<void>;
  /** Its socket stays behind. */
  kill(): Promise<void>;
}

export async function startAgent(folder: string): Promise<Agent> {
  const socket = join(folder, 'agent');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ssh-agent', '-D', '-a', socket]);
  // It tells its socket once that is there.
  await once(child.stdout, 'data');
  return {
    socket,
    async add(...keys) {
      await run('ssh-add', ['-q', ...keys], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
