import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { actions } from '../../../src/extension/actions/table';

/** What a command may wait for the extension's code, in ms: the goal, which is reported. */
const goalMs = 50;
/** What no load of the machine explains: something is waited for that must not be. */
const limitMs = 1000;

describe('The extension', () => {
  it('is not active before its first command, and then soon', async () => {
    const extension = vscode.extensions.getExtension('sidestep.sidestep');
    assert.ok(extension);
    assert.equal(extension.isActive, false);
    await extension.activate();
    const { load, call, finish } = await activationTime(extension.id);
    const took = load + call + finish;
    const report = `${took} ms: load ${load}, activate ${call} and ${finish}; the goal is ${goalMs}`;
    console.log(`Activation took ${report}`);
    assert.ok(took < limitMs, report);
  });

  it('registers a command for each of its actions', async () => {
    const commands = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      actions.filter(({ id }) => !commands.has(id)),
      [],
    );
  });
});

/** As VS Code itself has measured it: to load the code, to call `activate`, and for it to finish. */
async function activationTime(id: string): Promise<{ load: number; call: number; finish: number }> {
  await vscode.commands.executeCommand('perfview.show');
  const report = vscode.window.activeTextEditor?.document.getText().split('\n') ?? [];
  const cells = report.map((line) => line.split('|').map((cell) => cell.trim()));
  // | Extension | Eager | Load Code | Call Activate | Finish Activate | Event | By |
  const [, , , load, call, finish] = cells.find(([, first]) => first === id)?.map(Number) ?? [];
  assert.ok(load !== undefined && call !== undefined && finish !== undefined);
  return { load, call, finish };
}
