import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { addUser, type TestUser } from '../../support/user';
import { activated, hostWithId, OwnState, set, whenHost } from './extension';
import { answeringQuestions } from './questions';
import { SuiteSshd } from './ssh-server';
import { closeTerminal, terminalOf, terminalsOf } from './terminals';
import { startWalker, type WalkerNode } from './walker';

const follow = (node?: unknown) => vscode.commands.executeCommand('sidestep.followLog', node);

describe('Follow Log', () => {
  const own = OwnState.forSuite();
  let walker: WalkerNode;
  before(async () => {
    walker = await startWalker(own, 'writer', [
      ...['-serial', `file:${join(own.folder, 'serial.log')}`],
      ...['-serial', `unix:${join(own.folder, 'serial.sock')},server=on,wait=off`],
      ...['-D', join(own.folder, 'qemu.log')],
    ]);
  });

  it('from the palette offers what is written to as a file, and follows it', async () => {
    const { terminal, shown } = await terminalOf(async () => {
      const [, list] = await answeringQuestions(['writer', /serial\.log$/], () => follow());
      const files = list?.labels.map((label) => label.replace(/.*\//, ''));
      assert.deepEqual(files?.sort(), ['instance 1', 'qemu.log', 'qemu.out', 'serial.log'].sort());
    });
    // What the guest prints: the number of each of its steps.
    await shown.until(/[0-9A-F]{8}\r\n[0-9A-F]{8}\r\n/);
    await closeTerminal(terminal);
  });

  it('waits for one that is not there yet, and says so', async () => {
    const path = join(own.folder, 'later.log');
    const { terminal, shown } = await terminalOf(() => follow(log(path)));
    await shown.until(/There is no such file yet/);
    writeFileSync(path, 'now\n');
    await shown.until(/^now\r$/m);
    await closeTerminal(terminal);
  });

  it('says that what is no file cannot be followed', async () => {
    const { terminal, shown } = await terminalOf(() => follow(log(own.folder)));
    await shown.until(/It cannot be followed: \S+ is no file\./);
    await closeTerminal(terminal);
  });

  it('tries again in the same terminal when it is asked for again', async () => {
    const path = join(own.folder, 'late.log');
    mkdirSync(path);
    const { terminal, shown } = await terminalOf(() => follow(log(path)));
    await shown.until(/is no file/);
    rmSync(path, { recursive: true });
    writeFileSync(path, 'first\n');
    assert.deepEqual(await terminalsOf(() => follow(log(path))), []);
    await shown.until(/first\r\n/);
    appendFileSync(path, 'second\n');
    await shown.until(/second\r\n/);
    await closeTerminal(terminal);
  });

  function log(address: string, hostId = 'local') {
    const { uuid, name } = walker;
    return {
      kind: 'path',
      hostId,
      uuid,
      name,
      instanceId: 1,
      group: 'logs',
      option: '-D',
      address,
    };
  }

  describe('on a host where not all is ours to read', () => {
    let user: TestUser;
    before(async () => {
      user = await addUser();
    });
    const ssh = SuiteSshd.forSuite('dev', { lines: () => [`User ${user.name}`] });
    after(() => user.remove());

    it('says why, and follows it once it may', async () => {
      const { hosts } = await activated();
      const state = join(ssh.server.folder, 'state');
      mkdirSync(state, { mode: 0o700 });
      execFileSync('chown', [user.name, state]);
      const path = join(ssh.server.folder, 'private.log');
      writeFileSync(path, 'secret\n', { mode: 0o600 });
      await set('hosts', [{ destination: 'dev', stateDir: state }]);
      while (hosts.find('dev') === undefined) {
        await new Promise<void>((resolve) => {
          const listener = hosts.onDidChange(() => {
            listener.dispose();
            resolve();
          });
        });
      }
      await vscode.commands.executeCommand('sidestep.connect', { kind: 'host', hostId: 'dev' });
      await whenHost(await hostWithId('dev'), 'connected');
      const { terminal, shown } = await terminalOf(() => follow(log(path, 'dev')));
      await shown.until(/It cannot be followed: .*private\.log.*Permission denied/);
      assert.doesNotMatch(shown.text(), /secret/);
      execFileSync('chmod', ['a+r', path]);
      await follow(log(path, 'dev'));
      await shown.until(/secret\r\n/);
      await closeTerminal(terminal);
    });
  });
});
