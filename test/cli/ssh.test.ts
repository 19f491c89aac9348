/** The command with a host behind SSH: this machine, by way of a real sshd. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { qemu100, qemu72 } from '../support/emulators';
import { walkerImage } from '../support/guests';
import { makeKey, startSshd, type Sshd } from '../support/sshd';
import { CliBench } from './bench';
import { EndDocument, ListDocument, MigrateDocument, StartDocument } from './schemas';

describe('the command with a host behind SSH', () => {
  const bench = CliBench.forEachTest();
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());
  const hostOptions = (config: string) => ['--host', 'devhost', '--ssh-config', config];

  it('starts, lists, migrates and destroys a domain there', async () => {
    const options = hostOptions(await sshd.writeConfig('devhost'));
    await copyFile(walkerImage, bench.path('disk.img'));
    const started = await bench.document(StartDocument, [
      ...[...options, 'start', 'far', '--emulator', qemu72, '--cwd', bench.folder, '--'],
      ...['-M', 'q35', '-m', '64', '-nodefaults', '-display', 'none'],
      ...['-drive', 'file=disk.img,format=raw,if=virtio'],
    ]);
    assert.equal(started.domain, 'far');
    const migrated = await bench.document(MigrateDocument, [
      ...[...options, 'migrate', '--live', '--local', 'far', '--emulator', qemu100],
    ]);
    assert.match(migrated.to.version, /^10\.0/);
    const [here, there] = [
      await bench.document(ListDocument, ['list']),
      await bench.document(ListDocument, [...options, 'list']),
    ];
    const known = ({ domains }: typeof here) =>
      domains.map(({ name, uuid, state, instances }) => [name, uuid, state, instances[0]?.pid]);
    assert.deepEqual(known(there), known(here));
    assert.equal(there.domains[0]?.state, 'running');
    await bench.document(EndDocument, [...options, 'destroy', 'far']);
  });

  it('says why there is no connection, and starts nothing', async () => {
    const config = await sshd.writeConfig('devhost', ['User nobody-of-that-name']);
    const { status, stdout } = await bench.run([...hostOptions(config), 'list', '--json']);
    assert.equal(status, 3);
    assert.match(stdout, /"SSH_AUTH_FAILED"/);
  });

  it('does not trust an unknown host without being told so', async () => {
    const config = await sshd.writeConfig('devhost', ['UserKnownHostsFile /dev/null']);
    const { status, stdout } = await bench.run([...hostOptions(config), 'list', '--json']);
    assert.equal(status, 3);
    assert.match(stdout, /"SSH_HOST_KEY_UNKNOWN"/);
  });

  it('asks on a terminal whether to trust a host, and for a passphrase, which is not shown', async () => {
    const secret = 'open, sesame';
    const key = await makeKey(bench.path('locked'), { passphrase: secret });
    await writeFile(join(sshd.folder, 'authorized_keys'), `${key.publicLine}\n`, { flag: 'a' });
    const knownHosts = bench.path('known_hosts');
    const config = await sshd.writeConfig('devhost', [
      ...[`UserKnownHostsFile ${knownHosts}`, `IdentityFile ${key.path}`, 'IdentitiesOnly yes'],
    ]);
    const words = [...hostOptions(config), '--state-dir', bench.path('state'), 'list'];
    const printed = await onTerminal(words, [
      [/Trust it from now on\? \[y\/N\]/, 'y'],
      [/Passphrase of .*locked: /, secret],
    ]);
    assert.match(printed, /SHA256:/);
    assert.ok(!printed.includes(secret), printed);
    assert.match(await readFile(knownHosts, 'utf8'), new RegExp(`^\\[127.0.0.1\\]:${sshd.port} `));
  });
});

/** Runs the command on a terminal (script(1)), and answers what it asks. */
async function onTerminal(
  words: readonly string[],
  answers: readonly (readonly [RegExp, string])[],
): Promise<string> {
  const command = [process.execPath, join(repository, 'dist/cli.js'), ...words]
    .map((word) => `'${word}'`)
    .join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...answers];
  let printed = '';
  let seen = 0;
  child.stdout.on('data', (data: Buffer) => {
    printed += data.toString();
    const [next] = left;
    const found = next?.[0].exec(printed.slice(seen));
    if (!next || !found) return;
    left.shift();
    seen = printed.length;
    child.stdin.write(`${next[1]}\r`);
  });
  const [status] = (await once(child, 'exit')) as [number];
  assert.equal(status, 0, printed);
  assert.deepEqual(left, [], printed);
  return printed;
}
