import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { actions } from '../../../src/extension/actions/table';

/**
 * What no load of the machine explains: something is waited for that must not be, in ms. How long it
 * takes is for `npm run bench:activation` to say.
 */
const limitMs = 5_000;

describe('The extension', () => {
  it('is not active before its first command, and then soon', async function () {
    const extension = vscode.extensions.getExtension('sidestep.sidestep');
    assert.ok(extension);
    assert.equal(extension.isActive, false);
    await extension.activate();
    const { load, call, finish } = await activationTime(extension.id);
    const took = load + call + finish;
    const report = `${took} ms (load ${load}, activate ${call} and ${finish})`;
    // For whoever reads the report.
    if (this.test) this.test.title += `: ${report}`;
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
