/** A user of this machine with a password, for the tests that log in. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestUser {
  readonly name: string;
  readonly password: string;
  remove(): Promise<void>;
}

/** Needs root. */
export async function addUser(): Promise<TestUser> {
  const name = `sidestep-${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('base64url');
  await run('useradd', ['--no-create-home', '--home-dir', '/', '--shell', '/bin/sh', name]);
  const chpasswd = run('chpasswd');
  chpasswd.child.stdin?.end(`${name}:${password}\n`);
  await chpasswd;
  return {
    name,
    password,
    async remove() {
      await run('userdel', [name]);
    },
  };
}
