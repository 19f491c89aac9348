import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { parseLaunchScript } from '../qemu/commandline/launch-script';
import type { LocalEngine } from './local-engine';
import { pickEmulator } from './pick-emulator';
import type { PlanDocuments } from './plan-documents';
import { withCancellableProgress } from './progress';

/**
 * Asks for the emulator, and shows what a migration of the VM that this script starts would do.
 * @throws SidestepError, CommandLineError, HostError
 */
export async function planLaunchScript(
  script: vscode.TextDocument,
  localEngine: LocalEngine,
  plans: PlanDocuments,
): Promise<void> {
  const command = parseLaunchScript(script.getText());
  const cwd = folderOf(script);
  const named = command.program.includes('/') ? resolve(cwd, command.program) : command.program;
  const engine = await localEngine.open();
  const program = await engine.emulators.locate(named);
  const emulator = await pickEmulator(program, engine);
  if (emulator === undefined) return;
  const plan = await withCancellableProgress(
    vscode.l10n.t('Planning the migration to {0}', emulator),
    (signal) =>
      engine.planText({ command: { ...command, program }, cwd, emulator, mode: 'auto' }, signal),
  );
  if (plan === undefined) return;
  await vscode.window.showTextDocument(plans.put(script.uri, emulator, plan), { preview: false });
}

/** Where a script's relative paths lie: beside it; for one that is not saved, where it would be. */
function folderOf({ uri }: vscode.TextDocument): string {
  if (uri.scheme === 'file') return dirname(uri.fsPath);
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}
