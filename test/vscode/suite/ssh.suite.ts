import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ViewedHost } from '../../../src/views/hosts';
import { startSshd, type Sshd } from '../../support/sshd';
import { answering, messageOf } from './answers';
import { activated, hostWithId, set, whenHost } from './extension';

const destination = 'dev';
const node = { kind: 'host', hostId: destination };

describe('A host behind SSH', () => {
  const path = process.env['PATH'];
  let sshd: Sshd;
  let knownHosts: string;
  let host: ViewedHost;

  before(async () => {
    sshd = await startSshd();
    knownHosts = join(sshd.folder, 'accepted');
    writeFileSync(knownHosts, '');
    const config = await sshd.writeConfig(destination, [`UserKnownHostsFile ${knownHosts}`]);
    // The extension asks `ssh` how the host is configured: here by this file, not the user's.
    const programs = join(sshd.folder, 'bin');
    mkdirSync(programs);
    writeFileSync(join(programs, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`);
    chmodSync(join(programs, 'ssh'), 0o755);
    process.env['PATH'] = `${programs}:${path ?? ''}`;

    const { hosts } = await activated();
    const added = new Promise<void>((resolve) => {
      const listener = hosts.onDidChange(() => {
        listener.dispose();
        resolve();
      });
    });
    await set('hosts', [{ destination, stateDir: join(sshd.folder, 'state') }]);
    await added;
    host = await hostWithId(destination);
  });

  after(async () => {
    await set('hosts', undefined);
    process.env['PATH'] = path;
    await sshd.stop();
  });

  it('is not connected when the user does not know its key', async () => {
    const [question] = await answering(
      'showWarningMessage',
      () => undefined,
      () => vscode.commands.executeCommand('sidestep.connect', node),
    );
    const { modal, detail } = question?.[1] as vscode.MessageOptions;
    assert.match(String(question?.[0]), /^Do you trust \S+@127\.0\.0\.1:\d+\?$/);
    assert.equal(modal, true);
    assert.equal(detail?.match(/SHA256:\S+/g)?.length, 1, detail);
    assert.notEqual(host.status.state, 'connected');
    assert.equal(readFileSync(knownHosts, 'utf8'), '');
  });

  it('is connected when the user trusts its key, which is asked about once', async () => {
    const questions = await answering(
      'showWarningMessage',
      () => 'Trust This Host',
      async () => {
        await vscode.commands.executeCommand('sidestep.connect', node);
        await whenHost(host, 'connected');
        await vscode.commands.executeCommand('sidestep.disconnect', node);
        await vscode.commands.executeCommand('sidestep.connect', node);
      },
    );
    assert.equal(questions.length, 1);
    const { engine } = await whenHost(host, 'connected');
    assert.deepEqual((await engine.overview()).domains, []);
  });

  it('comes back by itself when the connection is lost', async () => {
    const { engine } = await whenHost(host, 'connected');
    const lost = whenHost(host, 'reconnecting');
    await sshd.dropSessions();
    await lost;
    const again = await whenHost(host, 'connected');
    assert.notEqual(again.engine, engine);
    assert.deepEqual((await again.engine.overview()).domains, []);
  });

  it('is refused when its key has changed, with the line that says so', async () => {
    await vscode.commands.executeCommand('sidestep.disconnect', node);
    const line = readFileSync(knownHosts, 'utf8');
    const [name = '', type = ''] = line.split(' ');
    // Any other key of the same type.
    const other = Buffer.from(line.trim().split(' ')[2] ?? '', 'base64');
    other.writeUInt8(other.readUInt8(40) ^ 1, 40);
    writeFileSync(knownHosts, `${name} ${type} ${other.toString('base64')}\n`);
    const [message, ...buttons] = await messageOf('showErrorMessage', () =>
      vscode.commands.executeCommand('sidestep.connect', node),
    );
    assert.match(String(message), /has changed: .*SHA256:\S+ .*SHA256:\S+ .*accepted:1/);
    assert.match(String(message), /\[SSH_HOST_KEY_CHANGED\]$/);
    assert.deepEqual(buttons, ['Open known_hosts at Line 1', 'Show Log']);
  });
});
