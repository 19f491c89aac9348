import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { messageOf } from './answers';
import { activated, hostWithId, set, whenHost } from './extension';

describe('Hosts', () => {
  afterEach(async () => {
    await set('hosts', undefined);
  });

  it('begin with this machine, which is connected by itself', async () => {
    const { hosts } = await activated();
    assert.deepEqual(
      hosts.all.map(({ id, label, destination }) => ({ id, label, destination })),
      [{ id: 'local', label: 'This machine', destination: undefined }],
    );
    const { engine } = await whenHost(await hostWithId('local'), 'connected');
    assert.ok(engine.host.facts.uid >= 0);
  });

  it('are added by the settings, in their order', async () => {
    const { hosts } = await activated();
    await untilChange(hosts.onDidChange, () =>
      set('hosts', [{ destination: 'b' }, { name: 'A', destination: 'me@a:2222' }]),
    );
    assert.deepEqual(
      hosts.all.map(({ id, label, status }) => [id, label, status.state]),
      [
        ['local', 'This machine', hosts.all[0]?.status.state],
        ['b', 'b', 'disconnected'],
        ['me@a:2222', 'A', 'disconnected'],
      ],
    );
  });

  it('that are wrong are told once, and the others are there', async () => {
    const { hosts } = await activated();
    const [message, ...buttons] = await messageOf('showWarningMessage', () =>
      untilChange(hosts.onDidChange, () =>
        set('hosts', [{ destination: 'good' }, { name: 'bad' }, 7]),
      ),
    );
    assert.match(
      String(message),
      /"sidestep\.hosts" is not right: entry 2: destination .*; entry 3/,
    );
    assert.deepEqual(buttons, ['Open Settings']);
    assert.deepEqual(
      hosts.all.map(({ id }) => id),
      ['local', 'good'],
    );
  });

  it('that nobody answers for say so, and in the end are as they were', async () => {
    const { hosts } = await activated();
    // Port 1 of loopback: nobody listens there.
    await untilChange(hosts.onDidChange, () => set('hosts', [{ destination: 'me@127.0.0.1:1' }]));
    const host = await hostWithId('me@127.0.0.1:1');
    const node = { kind: 'host', hostId: host.id };
    const [message] = await messageOf('showErrorMessage', () =>
      vscode.commands.executeCommand('sidestep.connect', node),
    );
    assert.match(String(message), /127\.0\.0\.1.*\[SSH_UNREACHABLE\]$/);
    assert.equal(host.status.state, 'failed');
    await vscode.commands.executeCommand('sidestep.disconnect', node);
    assert.equal(host.status.state, 'disconnected');
  });

  it('that are removed are gone when the user is sure, and only then', async () => {
    const { hosts } = await activated();
    await untilChange(hosts.onDidChange, () => set('hosts', [{ destination: 'old' }]));
    const node = { kind: 'host', hostId: 'old' };
    const [question] = await messageOf('showWarningMessage', () =>
      vscode.commands.executeCommand('sidestep.removeHost', node),
    );
    assert.equal(question, 'Remove old from the list of hosts?');
    assert.ok(hosts.find('old'));
  });
});

/** Runs what changes something, until that is told. */
async function untilChange(event: vscode.Event<void>, run: () => Thenable<void>): Promise<void> {
  const told = new Promise<void>((resolve) => {
    const listener = event(() => {
      listener.dispose();
      resolve();
    });
  });
  await run();
  await told;
}
