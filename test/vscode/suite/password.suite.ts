import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { inspect } from 'node:util';
import * as vscode from 'vscode';
import type { ViewedHost } from '../../../src/views/hosts';
import { addUser, type TestUser } from '../../support/user';
import { answering, messageOf } from './answers';
import { activated, hostWithId, set, whenHost } from './extension';
import { answeringQuestions, leave } from './questions';
import { SuiteSshd } from './ssh-server';

const node = { kind: 'host', hostId: 'dev' };
const connect = () => vscode.commands.executeCommand('sidestep.connect', node);
const disconnect = () => vscode.commands.executeCommand('sidestep.disconnect', node);
const forget = () => vscode.commands.executeCommand('sidestep.forgetSecrets');

for (const [kind, config] of [
  ['password', ['PasswordAuthentication yes']],
  ['keyboard-interactive', ['UsePAM yes', 'KbdInteractiveAuthentication yes']],
] as const) {
  describe(`The password of an SSH host (${kind})`, () => {
    let user: TestUser;
    let host: ViewedHost;
    before(async () => {
      user = await addUser();
    });
    const ssh = SuiteSshd.forSuite('dev', {
      options: { config },
      lines: () => [`User ${user.name}`, 'PubkeyAuthentication no'],
    });
    after(async () => {
      await messageOf('showInformationMessage', forget);
      await user.remove();
    });

    before(async () => {
      const { hosts } = await activated();
      // Of a user without a home.
      const stateDir = join(ssh.server.folder, 'state');
      mkdirSync(stateDir, { mode: 0o700 });
      execFileSync('chown', [user.name, stateDir]);
      const added = new Promise<void>((resolve) => {
        const listener = hosts.onDidChange(() => {
          listener.dispose();
          resolve();
        });
      });
      await set('hosts', [{ destination: 'dev', stateDir }]);
      await added;
      host = await hostWithId('dev');
    });

    afterEach(disconnect);

    it('is asked, and asked anew when it was wrong', async () => {
      const [message] = await answeringOffer('Not Now', ['wrong', user.password]);
      assert.match(String(message), /^Remember the password of \S+@127\.0\.0\.1:\d+\?/);
      const { engine } = await whenHost(host, 'connected');
      assert.deepEqual((await engine.overview()).domains, []);
    });

    it('is not remembered unless the user says so', async () => {
      await answeringOffer(undefined, [user.password]);
      await disconnect();
      const [question] = await answeringQuestions([leave], connect);
      assert.match(question?.title ?? '', /^Password of /);
      assert.equal(question?.validation, undefined);
      assert.notEqual(host.status.state, 'connected');
    });

    it('is remembered if the user says so, and not asked at the next connect', async () => {
      await answeringOffer('Remember', [user.password]);
      await disconnect();
      const offers = await answering(
        'showInformationMessage',
        () => undefined,
        () => answeringQuestions([], connect),
      );
      assert.deepEqual(offers, [], 'it is remembered already');
      await whenHost(host, 'connected');
    });

    it('brings a lost connection back without a question', async () => {
      await answeringQuestions([], connect);
      await whenHost(host, 'connected');
      await answeringQuestions([], async () => {
        const lost = whenHost(host, 'reconnecting');
        await ssh.server.dropSessions();
        await lost;
        await whenHost(host, 'connected');
      });
    });

    it('that is remembered and no longer right is asked anew', async () => {
      const password = `${user.password}-new`;
      execFileSync('chpasswd', { input: `${user.name}:${password}\n` });
      const [message, questions] = await answeringOffer('Remember', [password]);
      assert.match(String(message), /^Remember the password of /);
      assert.match(questions[0]?.validation ?? '', /^That was not right\. Try again\.$/);
      await disconnect();
      await answeringQuestions([], connect);
      await whenHost(host, 'connected');
    });

    it('is forgotten by the command, and asked again', async () => {
      const [message] = await messageOf('showInformationMessage', forget);
      assert.match(String(message), /^1 remembered/);
      await answeringQuestions([leave], connect);
      assert.notEqual(host.status.state, 'connected');
    });

    /** Connects by these passwords; answers whether they are to be remembered. */
    async function answeringOffer(answer: string | undefined, passwords: readonly string[]) {
      let questions: Awaited<ReturnType<typeof answeringQuestions>> = [];
      let told = () => {
        // Nobody waits.
      };
      const offered = new Promise<void>((resolve) => (told = resolve));
      const [offer] = await answering(
        'showInformationMessage',
        () => {
          told();
          return answer;
        },
        async () => {
          questions = await answeringQuestions(passwords, connect);
          assert.equal(host.status.state, 'connected', inspect(host.status));
          await offered;
        },
      );
      return [offer?.[0], questions] as const;
    }
  });
}
