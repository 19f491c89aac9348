import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { neverPrompt } from '../../../src/host/ssh/prompts';
import { startAgent, type Agent } from '../../support/agent';
import { closeServer } from '../../support/net';
import { makeKey, type KeyPair, type Sshd } from '../../support/sshd';
import { addUser, type TestUser } from '../../support/user';
import { eventually } from '../../support/eventually';
import { hostError } from '../workbench';
import { outputOf, ScriptedUser, SshBench } from './ssh-bench';

describe('SSH login', () => {
  const bench = SshBench.forEachTest();

  /** For `assert.rejects`: a login that failed, and what its message must say. */
  function failedLogin(...says: RegExp[]): (error: Error) => true {
    return (error) => {
      for (const part of says) assert.match(error.message, part);
      return hostError('SSH_AUTH_FAILED')(error);
    };
  }

  describe('with keys', () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
      it(`takes an ${type} key`, async () => {
        const sshd = await bench.sshd();
        const key = await authorized(sshd, { type });
        const connection = await bench.connect(sshd, [...only(key)]);
        assert.equal(await outputOf(connection, 'echo $USER'), 'root\n');
      });
    }

    it('asks once for the passphrase of a key that the server takes', async () => {
      const sshd = await bench.sshd();
      const key = await authorized(sshd, { passphrase: 'secret' });
      const strange = await makeKey(join(sshd.folder, 'strange'), { passphrase: 'other' });
      const prompts = new ScriptedUser({ passphrases: ['secret'] });
      await bench.connect(sshd, [...only(strange), ...only(key)], { prompts });
      assert.deepEqual(prompts.asked, [`passphrase ${key.path} 1`]);
    });

    it('knows an encrypted key without its public part beside it', async () => {
      const sshd = await bench.sshd();
      const key = await authorized(sshd, { passphrase: 'secret' });
      await rm(`${key.path}.pub`);
      const prompts = new ScriptedUser({ passphrases: ['secret'] });
      await bench.connect(sshd, only(key), { prompts });
      assert.deepEqual(prompts.asked, [`passphrase ${key.path} 1`]);
    });

    it('asks three times for a passphrase, and then goes on', async () => {
      const sshd = await bench.sshd();
      const key = await authorized(sshd, { passphrase: 'secret' });
      const prompts = new ScriptedUser({ passphrases: ['a', 'b', 'c'] });
      const connecting = bench.connectBy(await writeBare(sshd, only(key)), { prompts });
      await assert.rejects(connecting, failedLogin(/the passphrase was wrong 3 times/));
      assert.equal(prompts.asked.length, 3);
    });

    it('goes on to the next key when a passphrase is not given', async () => {
      const sshd = await bench.sshd();
      const key = await authorized(sshd, { passphrase: 'secret' });
      await bench.connect(sshd, [...only(key), `IdentityFile ${sshd.userKey.path}`]);
    });

    it('says of each key why it did not do', async () => {
      const sshd = await bench.sshd();
      const strange = await makeKey(join(sshd.folder, 'strange'));
      const open = await makeKey(join(sshd.folder, 'open'));
      await chmod(open.path, 0o644);
      const garbage = join(sshd.folder, 'garbage');
      await writeFile(garbage, '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', { mode: 0o600 });
      const missing = ['IdentityFile /no/such/key'];
      const keys = [...only(strange), ...only(open), `IdentityFile ${garbage}`, ...missing];
      const config = await writeBare(sshd, ['IdentityAgent none', ...keys]);
      await assert.rejects(
        bench.connectBy(config),
        failedLogin(
          /key \S+strange: the server does not take it/,
          /key \S+open: others may read it.*chmod 600/,
          /key \S+garbage: it cannot be read/,
          /key \/no\/such\/key: there is no such file/,
          /The server takes publickey/,
          /authorized_keys/,
        ),
      );
    });

    it('asks nobody when there is nobody to ask', async () => {
      const sshd = await bench.sshd();
      const key = await authorized(sshd, { passphrase: 'secret' });
      const config = await writeBare(sshd, only(key));
      const connecting = bench.connectBy(config, { prompts: neverPrompt });
      await assert.rejects(connecting, failedLogin(/it is encrypted, and its passphrase was not/));
    });

    it('tells when the server has had enough', async () => {
      const sshd = await bench.sshd({ config: ['MaxAuthTries 2'] });
      const keys = await Promise.all(
        ['1', '2', '3'].map((name) => makeKey(join(sshd.folder, name))),
      );
      const config = await writeBare(sshd, keys.flatMap(only));
      const connecting = bench.connectBy(config);
      await assert.rejects(
        connecting,
        failedLogin(/Too many authentication failures/, /IdentitiesOnly/),
      );
    });
  });

  describe('with an agent', () => {
    let agent: Agent | undefined;
    afterEach(() => agent?.kill());

    it('takes its keys', async () => {
      const sshd = await bench.sshd();
      agent = await startAgent(sshd.folder);
      const strange = await makeKey(join(sshd.folder, 'strange'));
      const rsa = await authorized(sshd, { type: 'rsa' });
      await agent.add(strange.path, rsa.path);
      const config = await writeBare(sshd, [`IdentityAgent ${agent.socket}`]);
      await bench.connectBy(config);
      await eventually(() => /Accepted publickey .* RSA/.test(sshd.log()));
    });

    it('takes that of the environment', async () => {
      const sshd = await bench.sshd();
      agent = await startAgent(sshd.folder);
      await agent.add(sshd.userKey.path);
      const config = await writeBare(sshd, []);
      await bench.connectBy(config, { env: { SSH_AUTH_SOCK: agent.socket } });
    });

    it('with IdentitiesOnly, takes only the configured of its keys', async () => {
      const sshd = await bench.sshd();
      agent = await startAgent(sshd.folder);
      const strange = await makeKey(join(sshd.folder, 'strange'));
      const key = await authorized(sshd);
      await agent.add(strange.path, sshd.userKey.path, key.path);
      await rm(key.path);
      const lines = [`IdentityAgent ${agent.socket}`, 'IdentitiesOnly yes'];
      // The public key alone says which of the agent's is meant.
      await bench.connectBy(await writeBare(sshd, [...lines, `IdentityFile ${key.path}.pub`]));
      const others = await writeBare(sshd, [...lines, ...only(strange)]);
      await assert.rejects(bench.connectBy(others), failedLogin(/agent's key test: the server/));
    });

    it('goes on with files when it is gone, and says so when they do not do', async () => {
      const sshd = await bench.sshd();
      agent = await startAgent(sshd.folder);
      await agent.kill();
      const lines = [`IdentityAgent ${agent.socket}`];
      const strange = await makeKey(join(sshd.folder, 'strange'));
      await bench.connectBy(await writeBare(sshd, [...lines, ...only(sshd.userKey)]));
      const connecting = bench.connectBy(await writeBare(sshd, [...lines, ...only(strange)]));
      await assert.rejects(connecting, failedLogin(/agent: nobody answers at \S+agent/));
    });
  });

  it('can be cancelled while an agent does not answer', async () => {
    const sshd = await bench.sshd();
    const stuck = createServer().listen(join(sshd.folder, 'stuck'));
    const asked = once(stuck, 'connection');
    const cancel = new AbortController();
    const config = await writeBare(sshd, [`IdentityAgent ${join(sshd.folder, 'stuck')}`]);
    const connecting = bench.connectBy(config, { signal: cancel.signal });
    const [socket] = (await asked) as [Socket];
    cancel.abort();
    await assert.rejects(connecting, hostError('CANCELLED'));
    socket.destroy();
    await closeServer(stuck);
  });

  describe('with passwords', () => {
    const byPassword = ['PasswordAuthentication yes'];
    const interactive = ['UsePAM yes', 'KbdInteractiveAuthentication yes'];
    let user: TestUser;
    before(async () => {
      user = await addUser();
    });
    after(() => user.remove());

    const withoutKeys = (): string[] => [`User ${user.name}`, 'PubkeyAuthentication no'];

    it('takes the right one', async () => {
      const sshd = await bench.sshd({ config: byPassword });
      const prompts = new ScriptedUser({ passwords: [user.password] });
      const connection = await bench.connect(sshd, withoutKeys(), { prompts });
      assert.equal(await outputOf(connection, 'id -un'), `${user.name}\n`);
      assert.deepEqual(prompts.asked, ['password 1']);
    });

    it('asks again for a wrong one, three times in all', async () => {
      const sshd = await bench.sshd({ config: byPassword });
      const mistaken = new ScriptedUser({ passwords: ['a', user.password] });
      await bench.connect(sshd, withoutKeys(), { prompts: mistaken });
      const wrong = new ScriptedUser({ passwords: ['a', 'b', 'c', user.password] });
      const connecting = bench.connect(sshd, withoutKeys(), { prompts: wrong });
      await assert.rejects(
        connecting,
        failedLogin(/password: it was wrong/, /that \S+ is the right user/),
      );
      assert.deepEqual(wrong.asked, ['password 1', 'password 2', 'password 3']);
    });

    it('is cancelled when the question is dismissed', async () => {
      const sshd = await bench.sshd({ config: byPassword });
      await assert.rejects(bench.connect(sshd, withoutKeys()), hostError('CANCELLED'));
    });

    it('asks nothing in batch mode', async () => {
      const sshd = await bench.sshd({ config: byPassword });
      const lines = [...withoutKeys(), 'BatchMode yes'];
      await assert.rejects(bench.connect(sshd, lines), failedLogin(/password: nobody to ask/));
    });

    it("answers the server's questions (keyboard-interactive)", async () => {
      const sshd = await bench.sshd({ config: interactive });
      const prompts = new ScriptedUser({ answers: [['wrong'], [user.password]] });
      const connection = await bench.connect(sshd, withoutKeys(), { prompts });
      assert.equal(await outputOf(connection, 'id -un'), `${user.name}\n`);
      const question = 'answer Password:';
      assert.deepEqual(prompts.asked, [`${question} 1`, `${question} 2`]);
    });

    for (const [first, then] of [
      ['publickey', 'password'],
      ['password', 'publickey'],
    ] as const) {
      it(`gives ${first} and then ${then} where the server wants both`, async () => {
        const config = [...byPassword, `AuthenticationMethods ${first},${then}`];
        const sshd = await bench.sshd({ config });
        const prompts = new ScriptedUser({ passwords: [user.password] });
        await bench.connect(sshd, [`User ${user.name}`], { prompts });
        await eventually(() => sshd.log().includes(`Partial ${first}`));
      });
    }

    it('takes a remembered one when nobody is there', async () => {
      const sshd = await bench.sshd({ config: byPassword });
      const prompts = { ...neverPrompt, askPassword: () => Promise.resolve(user.password) };
      await bench.connect(sshd, withoutKeys(), { prompts });
    });

    it('never asks when nobody is there', async () => {
      for (const [config, says] of [
        [byPassword, /[^-]password: nobody to ask/],
        [interactive, /keyboard-interactive: nobody to ask/],
      ] as const) {
        const sshd = await bench.sshd({ config });
        const connecting = bench.connect(sshd, withoutKeys(), { prompts: neverPrompt });
        await assert.rejects(connecting, failedLogin(says));
      }
    });
  });

  function only({ path }: KeyPair): string[] {
    return [`IdentityFile ${path}`];
  }

  let made = 0;
  /** A new key that may log in. */
  async function authorized(sshd: Sshd, options?: Parameters<typeof makeKey>[1]): Promise<KeyPair> {
    const key = await makeKey(join(sshd.folder, `key-${++made}`), options);
    await writeFile(join(sshd.folder, 'authorized_keys'), `${key.publicLine}\n`, { flag: 'a' });
    return key;
  }

  /** A configuration without the server's own key. */
  async function writeBare(sshd: Sshd, lines: readonly string[]): Promise<string> {
    const path = join(sshd.folder, `bare-${++made}`);
    const own = [
      ...['Host dev', 'HostName 127.0.0.1', `Port ${sshd.port}`],
      ...[`UserKnownHostsFile ${sshd.knownHosts}`, ...lines],
    ];
    await writeFile(path, `${own.join('\n')}\n`);
    return path;
  }
});
