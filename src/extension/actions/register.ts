import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import { tellError } from '../notify';
import type { Services } from '../services';
import { actions } from './table';

/** Registers the command of each action. What one throws is told to the user. */
export function registerActions(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    ...actions.map(({ id, isHarmless, load }) =>
      vscode.commands.registerCommand(id, async (...given: unknown[]) => {
        try {
          // Menus offer it only then, but key bindings and links do not ask them.
          if (!isHarmless) checkTrust();
          const run = await load();
          await run(services, ...given);
        } catch (error) {
          tellError(error, services.log);
        }
      }),
    ),
  );
}

/** @throws SidestepError `NOT_TRUSTED` */
function checkTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new SidestepError('NOT_TRUSTED', vscode.l10n.t('This workspace is not trusted.'), {
    hint: vscode.l10n.t('Trust it with "Workspaces: Manage Workspace Trust".'),
  });
}
