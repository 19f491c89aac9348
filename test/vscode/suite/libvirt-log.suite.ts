import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { readTrace } from '../../../src/engine/trace/file';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { summarize } from '../../../src/engine/trace/summary';
import { accepting, answering, messageOf } from './answers';

const command = 'sidestep.openLibvirtLog';

/** As libvirt has written them, of both hosts of one migration. */
function savedLog(name: string): vscode.Uri {
  const extension = vscode.extensions.getExtension('sidestep.sidestep');
  assert.ok(extension);
  return vscode.Uri.joinPath(extension.extensionUri, 'test/data/libvirt-log', name);
}

describe("libvirt's log in VS Code", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sidestep-log-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  /** The trace that the timeline in front shows. */
  function shown(): TraceRecord[] {
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    assert.ok(input instanceof vscode.TabInputCustom, 'no timeline is open');
    assert.equal(input.viewType, 'sidestep.trace');
    return readTrace(readFileSync(input.uri.fsPath, 'utf8'), input.uri.fsPath);
  }

  it('opens as a timeline, both sides of a migration in one', async () => {
    const logs = ['9.0-source.log', '9.0-target.log'].map(savedLog);
    await vscode.commands.executeCommand(command, logs[0], logs);
    const { phases, downtimeUs, outcome } = summarize(shown());
    assert.deepEqual(
      phases.map(({ name }) => name),
      ['begin', 'prepare', 'perform', 'finish', 'confirm'],
    );
    assert.equal(outcome, 'moved');
    assert.equal(downtimeUs, 62_885);
  });

  it('is asked for, and the domain if there are several', async () => {
    const log = join(folder, 'libvirtd.log');
    copyFileSync(savedLog('9.0-info.log').fsPath, log);
    const other = readFileSync(savedLog('9.0-info-middle.log').fsPath);
    writeFileSync(log, Buffer.concat([readFileSync(log), other]));
    await answering(
      'showOpenDialog',
      () => [vscode.Uri.file(log)],
      () => accepting(() => vscode.commands.executeCommand(command)),
    );
    const [header] = shown();
    assert.ok(header?.type === 'header');
    // The one of which there is most comes first.
    assert.equal(header.domain, 'vm one');
  });

  it('is told apart from a file that is none', async () => {
    const path = join(folder, 'other.log');
    writeFileSync(path, 'nothing of libvirt\n');
    const [message] = await messageOf('showErrorMessage', () =>
      vscode.commands.executeCommand(command, vscode.Uri.file(path)),
    );
    assert.match(String(message), /\[LOG_HAS_NO_QMP\]$/);
    assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab, undefined);
    assert.ok(existsSync(path));
  });
});
