import { basename } from 'node:path';
import * as vscode from 'vscode';
import { emulatorsOnPath } from '../engine/emulators-on-path';
import type { Host } from '../host/host';

interface EmulatorItem extends vscode.QuickPickItem {
  /** Undefined for the item that asks for a path. */
  readonly emulator?: string;
}

/**
 * Asks the user for the QEMU that a VM is to move to.
 * @param current the one its launch script names, by path or by name
 * @returns a path, or `current`; undefined if the user has left it
 */
export async function pickEmulator(current: string, host: Host): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(emulatorItems(current, host), {
    title: vscode.l10n.t('Migrate to Which QEMU?'),
    placeHolder: vscode.l10n.t('The emulator that the VM is to move to'),
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  return picked.emulator ?? askForPath();
}

async function emulatorItems(current: string, host: Host): Promise<EmulatorItem[]> {
  const { Separator } = vscode.QuickPickItemKind;
  const others = (await emulatorsOnPath(host)).filter((path) => path !== current);
  // Another architecture's can run no VM of this one.
  const isSameTarget = (path: string) => basename(path) === basename(current);
  const onPath = [...others.filter(isSameTarget), ...others.filter((path) => !isSameTarget(path))];
  return [
    { label: current, description: vscode.l10n.t("the script's own"), emulator: current },
    { label: vscode.l10n.t('on the PATH'), kind: Separator },
    ...onPath.map((path) => ({ label: path, emulator: path })),
    { label: '', kind: Separator },
    { label: vscode.l10n.t('$(file) Enter a Path…') },
  ];
}

function askForPath(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Path of the QEMU to Migrate To'),
    placeHolder: '/usr/local/bin/qemu-system-x86_64',
    ignoreFocusOut: true,
    validateInput: (path) =>
      path.startsWith('/') ? undefined : vscode.l10n.t('Give the full path, from / on.'),
  });
}
