import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { PlanDocuments } from './plan-documents';

/** Opens a plan's two command lines side by side, one option a line. */
export async function compareCommandLines(
  { uri }: vscode.TextDocument,
  plans: PlanDocuments,
): Promise<void> {
  const commandLines = plans.commandLines(uri);
  if (commandLines === undefined) {
    void vscode.window.showErrorMessage(
      vscode.l10n.t('This is no plan: make one from a launch script first.'),
    );
    return;
  }
  const { source, target } = commandLines;
  const title = vscode.l10n.t('{0}: source ↔ target', posix.basename(source.path, '.source'));
  await vscode.commands.executeCommand('vscode.diff', source, target, title);
}
