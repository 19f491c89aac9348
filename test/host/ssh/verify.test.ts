import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HostError } from '../../../src/host/errors';
import { neverPrompt } from '../../../src/host/ssh/prompts';
import { knownHostsLine, makeKey, type Sshd } from '../../support/sshd';
import { hostError } from '../workbench';
import { ScriptedUser, SshBench } from './ssh-bench';

const run = promisify(execFile);

describe('SSH hosts', () => {
  const bench = SshBench.forEachTest();

  /** As ssh-keygen shows it. */
  async function fingerprint(path: string): Promise<string> {
    const { stdout } = await run('ssh-keygen', ['-l', '-f', `${path}.pub`]);
    return stdout.split(' ')[1] ?? '';
  }

  function neverLoggedIn(sshd: Sshd): void {
    assert.doesNotMatch(sshd.log(), /Accepted|Failed|userauth/, 'nothing was sent');
  }

  it('unknown ones are asked about once, with their fingerprint', async () => {
    const sshd = await bench.sshd();
    const file = join(sshd.folder, 'new', 'known');
    const lines = [`UserKnownHostsFile ${file}`];
    const prompts = new ScriptedUser({ hostKey: true });
    await bench.connect(sshd, lines, { prompts });
    const [question] = prompts.hostKeys;
    const [hostKey] = sshd.hostKeys;
    assert.ok(question !== undefined && hostKey !== undefined);
    assert.equal(question.fingerprint, await fingerprint(hostKey.path));
    assert.equal(question.keyType, 'ssh-ed25519');
    assert.equal(await readFile(file, 'utf8'), knownHostsLine(sshd.port, hostKey));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(join(sshd.folder, 'new'))).mode & 0o777, 0o700);
    await bench.connect(sshd, lines, { prompts: neverPrompt });
    // ssh itself takes what we have written.
    const config = await sshd.writeConfig('dev', [...lines, 'BatchMode yes']);
    await run('ssh', ['-F', config, 'dev', 'true']);
  });

  it('are remembered behind what is in the file, hashed if asked', async () => {
    const sshd = await bench.sshd();
    const file = join(sshd.folder, 'known');
    await writeFile(file, '# no newline at the end');
    const lines = [`UserKnownHostsFile ${file}`, 'HashKnownHosts yes'];
    await bench.connect(sshd, lines, { prompts: new ScriptedUser({ hostKey: true }) });
    assert.match(
      await readFile(file, 'utf8'),
      /^# no newline at the end\n\|1\|\S+ ssh-ed25519 \S+\n$/,
    );
    const config = await sshd.writeConfig('dev', [...lines, 'BatchMode yes']);
    await run('ssh', ['-F', config, 'dev', 'true']);
    await bench.connect(sshd, lines, { prompts: neverPrompt });
  });

  it('that are not accepted learn nothing of us', async () => {
    const sshd = await bench.sshd();
    const file = join(sshd.folder, 'known');
    const connecting = bench.connect(sshd, [`UserKnownHostsFile ${file}`]);
    await assert.rejects(connecting, hostError('CANCELLED'));
    neverLoggedIn(sshd);
    await assert.rejects(readFile(file));
  });

  it('unknown ones are refused where nobody can be asked', async () => {
    const sshd = await bench.sshd();
    const lines = ['UserKnownHostsFile none'];
    const connecting = bench.connect(sshd, lines, { prompts: neverPrompt });
    await assert.rejects(connecting, hostError('SSH_HOST_KEY_UNKNOWN'));
    const strict = bench.connect(sshd, [...lines, 'StrictHostKeyChecking yes'], {
      prompts: new ScriptedUser({ hostKey: true }),
    });
    await assert.rejects(strict, hostError('SSH_HOST_KEY_UNKNOWN'));
    neverLoggedIn(sshd);
  });

  for (const checking of ['accept-new', 'no']) {
    it(`StrictHostKeyChecking ${checking} accepts unknown ones, and no changed ones`, async () => {
      const sshd = await bench.sshd();
      const file = join(sshd.folder, 'known');
      const lines = [`UserKnownHostsFile ${file}`, `StrictHostKeyChecking ${checking}`];
      await bench.connect(sshd, lines, { prompts: neverPrompt });
      const other = await makeKey(join(sshd.folder, 'other'));
      await writeFile(file, knownHostsLine(sshd.port, other));
      const connecting = bench.connect(sshd, lines, { prompts: neverPrompt });
      await assert.rejects(connecting, hostError('SSH_HOST_KEY_CHANGED'));
    });
  }

  it('changed ones are refused with both fingerprints and the line', async () => {
    const sshd = await bench.sshd();
    const other = await makeKey(join(sshd.folder, 'other'));
    const file = join(sshd.folder, 'known');
    await writeFile(file, `# first\n${knownHostsLine(sshd.port, other)}`);
    const prompts = new ScriptedUser({ hostKey: true });
    const error = await bench.connect(sshd, [`UserKnownHostsFile ${file}`], { prompts }).then(
      () => assert.fail('connected'),
      (reason: unknown) => reason as HostError,
    );
    assert.equal(error.code, 'SSH_HOST_KEY_CHANGED');
    assert.deepEqual(error.place, { path: file, line: 2 });
    const [hostKey] = sshd.hostKeys;
    for (const part of [
      await fingerprint(hostKey?.path ?? ''),
      await fingerprint(other.path),
      `${file}:2`,
      `ssh-keygen -f '${file}' -R '[127.0.0.1]:${sshd.port}'`,
    ]) {
      assert.ok(error.message.includes(part), `${error.message} names ${part}`);
    }
    assert.deepEqual(prompts.asked, []);
    neverLoggedIn(sshd);
  });

  it('revoked ones are refused', async () => {
    const sshd = await bench.sshd();
    const [hostKey] = sshd.hostKeys;
    await appendFile(sshd.knownHosts, `@revoked * ${hostKey?.publicLine ?? ''}\n`);
    await assert.rejects(bench.connect(sshd), hostError('SSH_HOST_KEY_REVOKED'));
    neverLoggedIn(sshd);
  });

  it('with several keys show the one that is known', async () => {
    const sshd = await bench.sshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    for (const key of sshd.hostKeys) {
      await writeFile(sshd.knownHosts, knownHostsLine(sshd.port, key));
      await bench.connect(sshd, [], { prompts: neverPrompt });
    }
  });

  it('known by an authority alone are asked about, and that is said', async () => {
    const sshd = await bench.sshd();
    const authority = await makeKey(join(sshd.folder, 'authority'));
    await writeFile(sshd.knownHosts, `@cert-authority * ${authority.publicLine}\n`);
    const prompts = new ScriptedUser({ hostKey: true });
    await bench.connect(sshd, [], { prompts });
    assert.match(prompts.hostKeys[0]?.text ?? '', /certificate authority .*not supported/);
  });

  it('whose known_hosts cannot be read are not connected to: it may revoke the key', async () => {
    const sshd = await bench.sshd();
    const file = join(sshd.folder, 'folder');
    await mkdir(file);
    await assert.rejects(
      bench.connect(sshd, [`UserKnownHostsFile ${file}`]),
      hostError('IO', file),
    );
    neverLoggedIn(sshd);
  });
});
