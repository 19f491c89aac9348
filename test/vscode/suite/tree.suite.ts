import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { domainTreeId } from '../../../src/views/tree/commands';
import type { DomainTree } from '../../../src/views/tree/domain-tree';
import type { DomainNode, TreeNode } from '../../../src/views/tree/node';
import { activated, machine, OwnState } from './extension';
import { ShownTree } from './shown-tree';
import { closeTerminal, terminalOf } from './terminals';
import { startWalker } from './walker';

const name = 'walker <img src=x onerror=alert(1)> $(trash)';

describe('The tree', () => {
  const own = OwnState.forSuite();
  let tree: DomainTree;
  let shown: ShownTree;
  let walker: DomainNode;

  before(async () => {
    ({ tree } = await activated());
    shown = new ShownTree(tree);
    await vscode.commands.executeCommand(`${domainTreeId}.focus`);
    walker = await startWalker(own, name, ['-serial', `file:${join(own.folder, 'serial.log')}`]);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows this machine, and reveals a domain that was just started', async () => {
    assert.equal(tree.view.visible, true);
    assert.equal(await tree.reveal('local', walker.uuid), true);
    assert.deepEqual(tree.view.selection, [walker]);
    assert.equal(await tree.reveal('local', 'no such domain'), false);
  });

  it('says how a domain is, and shows a name that attacks as it is', async () => {
    await becomes('running');
    const item = await shown.item(walker);
    assert.equal(item.label, name);
    assert.match(String(item.description), /^running · QEMU 7\.2\.\d+$/);
    assert.equal(item.contextValue, 'domain running own');
    assert.match(item.accessibilityInformation?.label ?? '', /^Domain walker .*, running, QEMU 7/);
    const { isTrusted, supportHtml, value } = await shown.tooltip(walker);
    assert.ok(isTrusted !== true && supportHtml !== true);
    assert.match(value, /onerror=alert\\\(1\\\)/);
  });

  it('tells when a domain changes, and draws no more than that domain anew', async () => {
    const engine = await own.engine();
    await shown.children(walker);
    const told = shown.changes();
    await engine.pause(walker.uuid);
    // More than once if it was looked at while its monitor was still taken.
    const kinds = await told.until(() => isState('paused'));
    told.dispose();
    assert.deepEqual(new Set(kinds), new Set(['domain']));
    await engine.resume(walker.uuid);
    await becomes('running');
  });

  it('goes down to the paths, and keeps what is selected over a refresh', async () => {
    const [instance] = await shown.children(walker);
    assert.ok(instance?.kind === 'instance');
    const paths = await shown.paths(instance);
    const rows = await Promise.all(paths.map((node) => shown.row(node)));
    for (const row of [
      /^qmp\.sock unique · .* path socket unique monitors$/,
      /^walker\.img shared · .* path file shared disks$/,
      /^serial\.log shared · .* path file shared chardevs$/,
      /^qemu\.out unique · .* path file unique logs$/,
    ])
      assert.ok(
        rows.some((text) => row.test(text)),
        `${row.source} is none of ${rows.join('; ')}`,
      );
    const disk = paths.find((path) => path.kind === 'path' && path.group === 'disks');
    assert.ok(disk !== undefined);
    await tree.view.reveal(disk, { select: true });
    assert.deepEqual(tree.view.selection, [disk]);
    await tree.refresh();
    assert.equal(tree.view.selection[0], disk);
    assert.equal((await shown.paths(instance)).includes(disk), true);
  });

  it('shows the new instance after a migration, and its trace', async () => {
    const [before] = await shown.children(walker);
    const engine = await own.engine();
    const told = shown.changes();
    const emulator = machine().qemu100;
    await engine.migrate({ domain: walker.uuid, emulator, mode: 'auto' });
    await told.until(async () => {
      const { description } = await shown.item(walker);
      return /^running · QEMU 10\./.test(String(description));
    });
    told.dispose();
    const [instance, ...others] = await shown.children(walker);
    assert.ok(before?.kind === 'instance' && instance?.kind === 'instance');
    assert.ok(instance.instanceId > before.instanceId);
    assert.deepEqual(others, []);
    const [host] = await shown.children();
    const traces = (await shown.children(host)).find(({ kind }) => kind === 'traces');
    const [trace] = await shown.children(traces);
    assert.ok(trace?.kind === 'trace');
    const { command } = await shown.item(trace);
    assert.deepEqual([command?.command, command?.arguments], ['sidestep.openTrace', [trace]]);
  });

  it('shows the emulators, with what they can do', async () => {
    const [host] = await shown.children();
    const emulators = (await shown.children(host)).find(({ kind }) => kind === 'emulators');
    const rows = await Promise.all(
      (await shown.children(emulators)).map((node) => shown.row(node)),
    );
    assert.ok(rows.some((row) => /^qemu-system-x86_64 QEMU 7\.2\.\d+ · ignore-shared/.test(row)));
    assert.ok(rows.some((row) => /^qemu-\S+ QEMU 10\.\S+ · cpr-transfer/.test(row)));
  });

  it('opens the status and the command line of an instance as documents', async () => {
    const [instance] = await shown.children(walker);
    await vscode.commands.executeCommand('sidestep.showStatus', instance);
    assert.match(activeDocument().getText(), /status: running/i);
    await vscode.commands.executeCommand('sidestep.showCommandLine', instance);
    const document = activeDocument();
    assert.match(document.getText(), /^ +-m 64\b/m);
    assert.match(document.uri.path, /^\/walker <img .*… #\d+ command line$/);
  });

  it('follows a log until its terminal is closed, and lets it steer nothing', async () => {
    const [instance] = await shown.children(walker);
    assert.ok(instance?.kind === 'instance');
    const { instanceId } = instance;
    const address = join(own.folder, 'guest.log');
    writeFileSync(address, 'first\n');
    const ids = { hostId: 'local', uuid: walker.uuid, name, instanceId };
    const path: TreeNode = { kind: 'path', ...ids, group: 'logs', option: '-D', address };
    const { shown: text, terminal } = await terminalOf(() =>
      vscode.commands.executeCommand('sidestep.followLog', path),
    );
    await text.until(/first\r\n/);
    appendFileSync(address, '\x1b]0;title\x07second\n');
    await text.until(/\\x1b\]0;title\\x07second\r\n/);
    await closeTerminal(terminal);
  });

  async function becomes(state: string): Promise<void> {
    const told = shown.changes();
    await told.until(() => isState(state));
    told.dispose();
  }

  async function isState(state: string): Promise<boolean> {
    return (await shown.item(walker)).contextValue === `domain ${state} own`;
  }
});

function activeDocument(): vscode.TextDocument {
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.uri.scheme, 'sidestep');
  return document;
}
