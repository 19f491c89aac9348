import * as vscode from 'vscode';
import { asUserError } from './user-error';

/**
 * Registers a command about a document: the one whose entry in a menu was chosen, or else that of
 * the active editor.
 */
export function registerCommand(
  id: string,
  run: (document: vscode.TextDocument) => Promise<void>,
): vscode.Disposable {
  return vscode.commands.registerCommand(id, async (chosen?: unknown) => {
    const document =
      chosen instanceof vscode.Uri
        ? await vscode.workspace.openTextDocument(chosen)
        : vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t('Open a file first: this command is about the file of the active editor.'),
      );
      return;
    }
    try {
      await run(document);
    } catch (error) {
      showError(error, document);
    }
  });
}

/** @throws the error itself if it is a fault of ours: VS Code tells of it, and logs its stack */
function showError(error: unknown, document: vscode.TextDocument): void {
  const told = asUserError(error);
  if (told === undefined) throw error;
  const { text, line } = told;
  if (line === undefined) {
    void vscode.window.showErrorMessage(text);
    return;
  }
  const goToLine = vscode.l10n.t('Go to Line {0}', line);
  void vscode.window.showErrorMessage(text, goToLine).then(async (button) => {
    if (button !== goToLine) return;
    const start = new vscode.Position(line - 1, 0);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
  });
}
