import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DomainOverview } from '../../../src/engine/inventory/overview';
import { readTrace } from '../../../src/engine/trace/file';
import { accepting, answering, answeringWhetherSure, messageOf } from './answers';
import { domainsOf, machine, OwnState } from './extension';

const name = 'walker <img src=x onerror=alert(1)> $(reboot)';

describe('Actions on a domain', () => {
  const own = OwnState.forSuite();

  before(() => {
    copyFileSync(machine().walker, join(own.folder, 'walker.img'));
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('start it from a launch script', async () => {
    const script = vscode.Uri.file(join(own.folder, 'walker.sh'));
    writeFileSync(script.fsPath, launchScript);
    const [message, button] = await messageOf('showInformationMessage', () =>
      accepting(() => vscode.commands.executeCommand('sidestep.startLaunchScript', script)),
    );
    assert.match(String(message), /^walker <img .* runs on QEMU 7\.2/);
    assert.equal(button, 'Migrate Locally…');
    assert.equal((await domain()).state, 'running');
  });

  it('pause and resume it', async () => {
    await run('sidestep.pause');
    assert.equal((await domain()).state, 'paused');
    await run('sidestep.resume');
    assert.equal((await domain()).state, 'running');
  });

  it('show what a migration would do, with nothing done', async () => {
    await accepting(() => run('sidestep.showPlan'));
    const plan = vscode.window.activeTextEditor?.document;
    assert.equal(plan?.uri.scheme, 'sidestep-plan');
    assert.match(plan.getText(), /^Mode: ignore-shared$/m);
    assert.equal((await domain()).instances.length, 1);
  });

  it('compare the command lines of both instances', async () => {
    await accepting(() => run('sidestep.compareCommandLines'));
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputTextDiff);
  });

  it('refuse what cannot work, say why, and leave it running', async () => {
    const wish = { emulator: machine().qemu100, mode: 'cpr-transfer' };
    const [message, ...buttons] = await messageOf('showErrorMessage', () =>
      run('sidestep.migrate', wish),
    );
    assert.match(String(message), /was not migrated, and nothing was changed\. .*\[REFUSED\]$/);
    assert.deepEqual(buttons, ['Open Timeline', 'Show Log']);
    assert.equal((await domain()).state, 'running');
  });

  it('cancel its migration, and leave it running where it was', async () => {
    const engine = await own.engine();
    const before = await domain();
    const [message] = await messageOf('showInformationMessage', async () => {
      const migrating = run('sidestep.migrate', { emulator: machine().qemu100, mode: 'precopy' });
      while (engine.migrations.size === 0) await new Promise(setImmediate);
      await vscode.commands.executeCommand('sidestep.cancelMigration');
      await migrating;
    });
    assert.match(String(message), /^The migration of .* was cancelled: it is where it was\.$/);
    const after = await domain();
    assert.equal(after.domain.source, before.domain.source);
    assert.equal(after.state, 'running');
  });

  it('migrate it, open the timeline, and tell how it went', async () => {
    const before = await domain();
    const [message, button] = await messageOf('showInformationMessage', () =>
      run('sidestep.migrate', { emulator: machine().qemu100, mode: 'auto' }),
    );
    assert.match(
      String(message),
      /has moved to QEMU 10\.\S+: \S+ [µm]?s of downtime, \S+ [µm]?s in all\.$/,
    );
    assert.equal(button, 'Open Timeline');
    const after = await domain();
    assert.equal(after.state, 'running');
    assert.ok(after.domain.source > before.domain.source);
    assert.equal(after.instances[0]?.instance.emulator, machine().qemu100);
    await timelineTab();
  });

  it('open its timeline again, and save its trace elsewhere', async () => {
    const node = { kind: 'trace', hostId: 'local', path: await lastTrace() };
    await vscode.commands.executeCommand('sidestep.openTrace', node);
    await timelineTab();
    const copy = join(own.folder, 'copy.sidestep-trace');
    await answering(
      'showSaveDialog',
      () => vscode.Uri.file(copy),
      () => vscode.commands.executeCommand('sidestep.saveTrace', node),
    );
    const records = readTrace(readFileSync(copy, 'utf8'), copy);
    assert.equal(records.at(-1)?.type, 'verdict');
    const report = join(own.folder, 'report.tar.gz');
    await answering(
      'showSaveDialog',
      () => vscode.Uri.file(report),
      () => vscode.commands.executeCommand('sidestep.saveBugReport', node),
    );
    const listed = execFileSync('tar', ['-tzf', report], { encoding: 'utf8' });
    assert.match(listed, /\/report\.txt\n.*\/trace\.sidestep-trace\n/);
  });

  it('delete a trace when the user is sure', async () => {
    const path = await lastTrace();
    const node = { kind: 'trace', hostId: 'local', path };
    const ask = (answer?: string) =>
      answeringWhetherSure(answer, () =>
        vscode.commands.executeCommand('sidestep.deleteTrace', node),
      );
    await ask();
    assert.ok(existsSync(path));
    await ask('Delete');
    assert.ok(!existsSync(path));
  });

  it('look at its instance', async () => {
    await run('sidestep.showStatus');
    const status = vscode.window.activeTextEditor?.document;
    assert.equal(status?.uri.scheme, 'sidestep');
    assert.match(status.getText(), /running/);
    await run('sidestep.showCommandLine');
    assert.match(
      vscode.window.activeTextEditor?.document.getText() ?? '',
      /^ +-machine pc-q35-7\.2/m,
    );
  });

  it('copy a path, and open a text', async () => {
    const address = join(own.folder, 'walker.sh');
    const node = {
      ...{ kind: 'path', hostId: 'local', uuid: (await domain()).domain.uuid, name },
      ...{ instanceId: 1, group: 'other', option: '-drive', address },
    };
    await vscode.commands.executeCommand('sidestep.copyPath', node);
    assert.equal(await vscode.env.clipboard.readText(), address);
    await vscode.commands.executeCommand('sidestep.revealPath', node);
    assert.equal(vscode.window.activeTextEditor?.document.getText(), launchScript);
  });

  it('ask for the domain where none is given', async () => {
    await accepting(() => vscode.commands.executeCommand('sidestep.pause'));
    assert.equal((await domain()).state, 'paused');
    await accepting(() => vscode.commands.executeCommand('sidestep.resume'));
    assert.equal((await domain()).state, 'running');
  });

  it('destroy it when the user is sure, and only then', async () => {
    const ask = (answer?: string) => answeringWhetherSure(answer, () => run('sidestep.destroy'));
    const [asked] = await ask();
    assert.match(String(asked?.[0]), /^Destroy walker <img .* on This machine\?$/);
    assert.equal((asked?.[1] as vscode.MessageOptions).modal, true);
    assert.equal((await domain()).state, 'running');
    await ask('Destroy');
    assert.deepEqual((await (await own.engine()).overview()).domains, []);
  });

  async function domain(): Promise<DomainOverview> {
    const domains = await domainsOf(await own.engine());
    const [only] = domains;
    assert.ok(only !== undefined && domains.length === 1);
    return only;
  }

  async function run(command: string, ...others: unknown[]): Promise<void> {
    const { uuid } = (await domain()).domain;
    const node = { kind: 'domain', hostId: 'local', uuid, name };
    await vscode.commands.executeCommand(command, node, ...others);
  }

  async function lastTrace(): Promise<string> {
    const [last] = await (await own.engine()).traces();
    assert.ok(last);
    return last.path;
  }
});

const launchScript = `#!/bin/sh
exec qemu-system-x86_64 -name 'guest=${name}' -machine q35 -m 64 -nodefaults -display none \\
  -drive file=walker.img,format=raw,if=virtio -serial file:serial.txt
`;

/** As soon as there is a timeline: VS Code tells of its tabs later than it opens them. */
async function timelineTab(): Promise<vscode.Tab> {
  const { tabGroups } = vscode.window;
  for (;;) {
    const tabs = tabGroups.all.flatMap((group) => group.tabs);
    const timeline = tabs.find(
      ({ input }) =>
        input instanceof vscode.TabInputWebview && input.viewType.endsWith('sidestep.timeline'),
    );
    if (timeline !== undefined) return timeline;
    await new Promise<void>((resolve) => {
      const listener = tabGroups.onDidChangeTabs(() => {
        listener.dispose();
        resolve();
      });
    });
  }
}
