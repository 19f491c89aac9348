import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ViewedHost } from '../../../src/views/hosts';
import { answering, messageOf } from './answers';
import { activated, hostWithId, set, whenHost } from './extension';
import { answeringQuestions, leave } from './questions';
import { SuiteSshd } from './ssh-server';
import { next } from './waiting';

const run = (command: string, hostId: string) =>
  vscode.commands.executeCommand(command, { kind: 'host', hostId });
const asUser = 'Those of the user I connect as';
const asRoot = 'Those of root, by sudo';
const other = '$(edit) Enter user@host…';

interface Entry {
  readonly destination: string;
  readonly name?: string;
  readonly stateDir?: string;
}

describe('Adding, editing and removing an SSH host', () => {
  // Of the address, so that a destination that is typed is trusted and has the key.
  const ssh = SuiteSshd.forSuite('127.0.0.1');

  afterEach(async () => {
    await set('hosts', undefined);
  });

  it('adds one that is typed as ssh://user@host:port, and connects it', async () => {
    const destination = typed();
    const questions = await answeringQuestions([other, destination, destination, asUser], () =>
      vscode.commands.executeCommand('sidestep.addHost'),
    );
    assert.deepEqual(new Set(questions.map(({ title }) => title)), new Set(['Add SSH Host']));
    assert.equal(questions[2]?.value, destination, 'its name is offered');
    const host = await hostWithId(destination);
    const { engine } = await whenHost(host, 'connected');
    assert.equal(engine.host.facts.uid, userInfo().uid);
    assert.deepEqual(entries(), [{ name: destination, destination }]);
  });

  it('adds one by its name in the SSH configuration, which is offered', async () => {
    const [list] = await answeringQuestions(['$(vm) 127.0.0.1', 'dev', asUser], () =>
      vscode.commands.executeCommand('sidestep.addHost'),
    );
    assert.deepEqual(list?.labels, [other, '~/.ssh/config', '$(vm) 127.0.0.1']);
    const host = await hostWithId('127.0.0.1');
    assert.equal(host.label, 'dev');
    await whenHost(host, 'connected');
  });

  it('adds nothing when a question is left', async () => {
    await answeringQuestions([other, typed(), leave], () =>
      vscode.commands.executeCommand('sidestep.addHost'),
    );
    assert.deepEqual(entries(), []);
  });

  it('adds one that cannot be reached, says why, and an edit reaches it', async () => {
    // Port 1 of loopback: nobody listens there.
    const wrong = 'ssh://me@127.0.0.1:1';
    const [message] = await messageOf('showErrorMessage', () =>
      answeringQuestions([other, wrong, 'dev', asUser], () =>
        vscode.commands.executeCommand('sidestep.addHost'),
      ),
    );
    assert.match(String(message), /127\.0\.0\.1.*\[SSH_UNREACHABLE\]$/);
    assert.equal((await hostWithId(wrong)).status.state, 'failed');
    await answeringQuestions([typed(), 'dev', asUser], () => run('sidestep.editHost', wrong));
    await whenHost(await hostWithId(typed()), 'connected');
  });

  it('edits what it is called and whose VMs it has; its state folder stays', async () => {
    const stateDir = join(ssh.server.folder, 'state');
    const before = await connected({ destination: typed(), name: 'old', stateDir });
    assert.equal((await whenHost(before, 'connected')).engine.state.path, stateDir);
    const questions = await answeringQuestions([typed(), 'new', asRoot], () =>
      run('sidestep.editHost', typed()),
    );
    assert.deepEqual(
      questions.map(({ title, value }) => [title, value]),
      [
        ['Edit old', typed()],
        ['Edit old', 'old'],
        ['Edit old', ''],
      ],
    );
    assert.deepEqual(entries(), [{ name: 'new', destination: typed(), sudo: true, stateDir }]);
    const after = await hostWithId(typed());
    assert.equal(after.label, 'new');
    // As it was connected before; by sudo it is root's.
    const { engine } = await whenHost(after, 'connected');
    assert.equal(engine.state.path, stateDir);
    assert.equal(engine.host.facts.uid, 0);
  });

  it('stays connected when its destination is another, and remembers that', async () => {
    await connected({ destination: typed() });
    await answeringQuestions(['127.0.0.1', '127.0.0.1', asUser], () =>
      run('sidestep.editHost', typed()),
    );
    await whenHost(await hostWithId('127.0.0.1'), 'connected');
    assert.deepEqual(
      entries().map(({ destination }) => destination),
      ['127.0.0.1'],
    );
  });

  it('leaves alone what is not changed', async () => {
    const host = await connected({ destination: typed(), name: 'dev' });
    const { engine } = await whenHost(host, 'connected');
    await answeringQuestions([typed(), 'dev', asUser], () => run('sidestep.editHost', typed()));
    assert.equal((await whenHost(host, 'connected')).engine, engine);
  });

  it('removes one that is connected, and its connection with it', async () => {
    const { hosts } = await activated();
    const host = await connected({ destination: typed() });
    const { engine } = await whenHost(host, 'connected');
    const [question] = await answering(
      'showWarningMessage',
      () => 'Remove',
      () => run('sidestep.removeHost', typed()),
    );
    assert.equal((question?.[1] as vscode.MessageOptions).modal, true);
    await gone(typed());
    assert.deepEqual(
      hosts.all.map(({ id }) => id),
      ['local'],
    );
    assert.deepEqual(entries(), []);
    const look = engine.host.files([{ op: 'list', path: '/' }]);
    await assert.rejects(look, { code: 'CANCELLED' });
  });

  /** By the address of the server: found by no name of the configuration. */
  function typed(): string {
    return `ssh://${userInfo().username}@127.0.0.1:${ssh.server.port}`;
  }

  async function connected(entry: Entry): Promise<ViewedHost> {
    const { hosts } = await activated();
    await set('hosts', [entry]);
    while (hosts.find(entry.destination) === undefined) await next(hosts.onDidChange);
    await run('sidestep.connect', entry.destination);
    return hostWithId(entry.destination);
  }

  async function gone(id: string): Promise<void> {
    const { hosts } = await activated();
    while (hosts.find(id) !== undefined) await next(hosts.onDidChange);
  }
});

function entries(): readonly Record<string, unknown>[] {
  return vscode.workspace.getConfiguration('sidestep').get('hosts', []);
}
