import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const planCommand = 'sidestep.planLaunchScript';
const compareCommand = 'sidestep.compareCommandLines';

describe('Plans', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows the plan of a launch script in a read-only document', async () => {
    const text = (await planOf('vm.sh')).getText();
    for (const row of [
      /^Mode: precopy$/m,
      /^ +share +-drive +\S+\/vms\/disk\.qcow2/m,
      /^ +take-back +-netdev +.*2222/m,
      /^ +take-back +-serial +\S+\/vms\/console\.sock -> /m,
      /^ +unique +-pidfile +\S+\/vms\/vm\.pid -> /m,
      /^ +-incoming defer$/m,
    ])
      assert.match(text, row);
  });

  it('plans what the editor shows, saved or not', async () => {
    const content = 'qemu-system-x86_64 -name unsaved -m 64 -vnc 127.0.0.1:9';
    const script = await vscode.workspace.openTextDocument({ content });
    await vscode.window.showTextDocument(script);
    const plan = await afterPick(vscode.commands.executeCommand(planCommand));
    assert.match(plan.getText(), /^ +-name unsaved$/m);
    // VS Code would ask whether to save it.
    await vscode.window.showTextDocument(script);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it("opens a plan's two command lines in the diff editor, one option a line", async () => {
    await planOf('vm.sh');
    await vscode.commands.executeCommand(compareCommand);
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    assert.ok(tab?.input instanceof vscode.TabInputTextDiff);
    assert.equal(tab.label, 'vm.sh: source ↔ target');
    const [source, target] = await Promise.all([
      linesOf(tab.input.original),
      linesOf(tab.input.modified),
    ]);
    assert.ok(source.includes('-name devbox'));
    assert.ok(target.includes('-name devbox'));
    assert.ok(source.some((line) => line.startsWith('-netdev ') && line.includes('hostfwd')));
    assert.ok(!target.some((line) => line.startsWith('-netdev ') && line.includes('hostfwd')));
  });

  it('tells what is wrong with a malformed script, where, and opens nothing', async () => {
    const before = tabLabels();
    const [message, ...buttons] = await errorOf(planCommand, fileUri('unexpanded.sh'));
    assert.equal(
      message,
      'Line 3 leaves $DISK to the shell: write out what it stands for. [UNEXPANDED]',
    );
    assert.deepEqual(buttons, ['Go to Line 3', 'Show Log']);
    assert.deepEqual(tabLabels(), before);
  });

  it('says that a file is no plan', async () => {
    const [message] = await errorOf(compareCommand, fileUri('vm.sh'));
    assert.equal(message, 'This is no plan: make one from a launch script or a domain first.');
  });
});

function fileUri(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, name);
}

function planOf(name: string): Promise<vscode.TextDocument> {
  return afterPick(vscode.commands.executeCommand(planCommand, fileUri(name)));
}

/** Takes the first emulator that the command offers, and gives the plan that it then opens. */
async function afterPick(command: Thenable<unknown>): Promise<vscode.TextDocument> {
  // VS Code tells nobody that a list is open; to accept an item before is to do nothing.
  const accepting = setInterval(() => {
    void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }, 50);
  try {
    await command;
  } finally {
    clearInterval(accepting);
  }
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.uri.scheme, 'sidestep-plan');
  return document;
}

async function linesOf(uri: vscode.Uri): Promise<string[]> {
  return (await vscode.workspace.openTextDocument(uri)).getText().split('\n');
}

/** The message that a command shows, and its buttons. */
async function errorOf(command: string, uri: vscode.Uri): Promise<unknown[]> {
  const { window } = vscode;
  const shown: unknown[][] = [];
  const show = Object.getOwnPropertyDescriptor(window, 'showErrorMessage');
  assert.ok(show);
  Object.defineProperty(window, 'showErrorMessage', {
    ...show,
    value: (...args: unknown[]) => {
      shown.push(args);
      return Promise.resolve(undefined);
    },
  });
  try {
    await vscode.commands.executeCommand(command, uri);
  } finally {
    Object.defineProperty(window, 'showErrorMessage', show);
  }
  assert.equal(shown.length, 1);
  return shown[0] ?? [];
}

function tabLabels(): string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}
