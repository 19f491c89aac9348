/** Actions about a document: the one whose entry in a menu was chosen, or that of the active editor. */
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { showMessage, tellError } from '../notify';
import type { Services } from '../services';
import type { Handler } from './action';

/** What the action throws is told with a way to the line it is about. */
export function aboutDocument(
  run: (services: Services, document: vscode.TextDocument) => Promise<void>,
): Handler {
  return async (services, given) => {
    const document =
      given instanceof vscode.Uri
        ? await vscode.workspace.openTextDocument(given)
        : vscode.window.activeTextEditor?.document;
    if (document === undefined) {
      await showMessage(
        'error',
        vscode.l10n.t('Open a file first: this command is about the file of the active editor.'),
      );
      return;
    }
    try {
      await run(services, document);
    } catch (error) {
      tellError(error, services.log, { document });
    }
  };
}

/** Where a script's relative paths lie: beside it; for one that is not saved, where it would be. */
export function folderOf({ uri }: vscode.TextDocument): string {
  if (uri.scheme === 'file') return dirname(uri.fsPath);
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}
