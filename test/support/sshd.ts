/** Real SSH servers on loopback, each with keys and a configuration of its own. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './net';

const run = promisify(execFile);

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshdOptions {
  /** ed25519 if not given. */
  readonly hostKeys?: readonly KeyType[];
  /** Lines of sshd_config, which come before the helper's own and so win. */
  readonly config?: readonly string[];
  /** Of 127.0.0.1; a free one if not given. */
  readonly port?: number;
  /** Public keys that may log in, besides `userKey`. */
  readonly authorizedKeys?: readonly string[];
  /** A program and its arguments that execs what follows, in surroundings of its own. */
  readonly within?: readonly string[];
}

/** A key pair, as ssh-keygen has written it. */
export interface KeyPair {
  /** Of the private key; the public one is beside it, with `.pub`. */
  readonly path: string;
  /** `ssh-ed25519 AAAA... comment` */
  readonly publicLine: string;
}

export interface Sshd {
  readonly port: number;
  readonly pid: number;
  /** Holds all of it, and goes with it. */
  readonly folder: string;
  /** May log in as the user who runs the tests. */
  readonly userKey: KeyPair;
  readonly hostKeys: readonly KeyPair[];
  /** Accepted host keys: a `UserKnownHostsFile` that knows this server. */
  readonly knownHosts: string;
  /** A configuration for `ssh -F` that knows this server as `name`, and nothing else. */
  writeConfig(name: string, lines?: readonly string[]): Promise<string>;
  /** What sshd has printed so far. */
  readonly log: () => string;
  /** Ends the sessions under way, and takes new ones. */
  dropSessions(): Promise<void>;
  /** Ends the server and its sessions, and removes its folder. */
  stop(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  // Where sshd shuts its unprivileged child in; Debian makes it when it starts the service.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const folder = await mkdtemp(join(tmpdir(), 'sshd-test-'));
  // sshd reads authorized_keys as the user who logs in.
  await chmod(folder, 0o755);
  const port = options.port ?? (await freePort());
  const userKey = await makeKey(join(folder, 'user'));
  const hostKeys = await Promise.all(
    (options.hostKeys ?? ['ed25519']).map((type) =>
      makeKey(join(folder, `host_${type}`), { type }),
    ),
  );
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, hostKeys.map((key) => knownHostsLine(port, key)).join(''));
  const authorized = [userKey.publicLine, ...(options.authorizedKeys ?? [])];
  await writeFile(join(folder, 'authorized_keys'), authorized.map((key) => `${key}\n`).join(''));
  await writeFile(
    join(folder, 'sshd_config'),
    [
      ...(options.config ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeys.map(({ path }) => `HostKey ${path}`),
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      `PidFile ${join(folder, 'sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  );
  // It does not outlive the tests, whatever ends them.
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', ...(options.within ?? [])],
      ...['/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (data: Buffer) => {
    log += data.toString();
  });
  await listening(child, () => log);
  const { pid } = child;
  if (pid === undefined) throw new Error('sshd has no pid');
  return {
    port,
    pid,
    folder,
    userKey,
    hostKeys,
    knownHosts,
    log: () => log,
    async writeConfig(name, lines = []) {
      const path = join(folder, `config-${name}`);
      const own = [
        ...['HostName 127.0.0.1', `Port ${port}`, `User ${userInfo().username}`],
        ...[`IdentityFile ${userKey.path}`, 'IdentityAgent none'],
        ...[`UserKnownHostsFile ${knownHosts}`, 'GlobalKnownHostsFile /dev/null'],
      ];
      const text = [`Host ${name}`, ...[...lines, ...own].map((line) => `  ${line}`), ''];
      await writeFile(path, text.join('\n'));
      return path;
    },
    async dropSessions() {
      // Not what runs in them: that is to live or die by the loss.
      for (const session of await descendants(pid)) {
        const name = await readFile(`/proc/${session}/comm`, 'utf8').catch(() => '');
        // Since OpenSSH 9.8 a session has a program of its own.
        if (/^sshd(-session)?\n$/.test(name)) kill(session);
      }
    },
    async stop() {
      const all = [...(await descendants(pid)), pid];
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : [];
      for (const one of all) kill(one);
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** The line of known_hosts for a server on this port of 127.0.0.1. */
export function knownHostsLine(port: number, { publicLine }: KeyPair): string {
  return `[127.0.0.1]:${port} ${publicLine.split(' ').slice(0, 2).join(' ')}\n`;
}

export async function makeKey(
  path: string,
  { type = 'ed25519', passphrase = '' }: { type?: KeyType; passphrase?: string } = {},
): Promise<KeyPair> {
  // Made quickly, not to last: short, and with few rounds of key derivation.
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  const options = ['-t', type, ...size, '-N', passphrase, '-a', '1', '-C', 'test', '-f', path];
  await run('ssh-keygen', ['-q', ...options]);
  return { path, publicLine: (await readFile(`${path}.pub`, 'utf8')).trim() };
}

function listening(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (log().includes('Server listening on')) resolve();
    };
    child.stderr?.on('data', look);
    child.once('error', reject);
    child.once('exit', (status) => {
      reject(new Error(`sshd ended (${status ?? 'signal'}): ${log()}`));
    });
  });
}

/** A session has a process group of its own: only the tree of parents leads to it. */
async function descendants(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [...below(child), child]);
  return below(root);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
