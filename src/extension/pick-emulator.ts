import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import { emulatorsOnPath } from '../engine/emulators-on-path';

interface EmulatorItem extends vscode.QuickPickItem {
  /** Undefined for the item that asks for a path. */
  readonly emulator?: string;
}

/**
 * Asks the user for the QEMU that a VM is to move to.
 * @param current path of the one its launch script names
 * @returns a path; undefined if the user has left it
 */
export async function pickEmulator(current: string, engine: Engine): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(emulatorItems(current, engine), {
    title: vscode.l10n.t('Migrate to Which QEMU?'),
    placeHolder: vscode.l10n.t('The emulator that the VM is to move to'),
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  return picked.emulator ?? askForPath();
}

async function emulatorItems(current: string, engine: Engine): Promise<EmulatorItem[]> {
  const { Separator } = vscode.QuickPickItemKind;
  const onPath = await emulatorsOnPath(engine.host);
  const others = onPath.filter((path) => path !== current && mayHaveSameTarget(path, current));
  const [first, ...rest] = await Promise.all(
    [current, ...others].map((path) => emulatorItem(path, engine)),
  );
  return [
    { label: vscode.l10n.t("the script's own"), kind: Separator },
    ...(first ? [first] : []),
    { label: vscode.l10n.t('on the PATH'), kind: Separator },
    ...rest,
    { label: '', kind: Separator },
    { label: vscode.l10n.t('$(file) Enter a Path…') },
  ];
}

/** An emulator of another architecture runs no VM of this one. A name may say nothing of it. */
function mayHaveSameTarget(one: string, other: string): boolean {
  const [ours, theirs] = [one, other].map((path) => /^qemu-system-(\w+)/.exec(basename(path))?.[1]);
  return ours === undefined || theirs === undefined || ours === theirs;
}

async function emulatorItem(emulator: string, engine: Engine): Promise<EmulatorItem> {
  try {
    const [{ version }] = await engine.emulators.describe([emulator]);
    return { label: emulator, description: `QEMU ${version}`, emulator };
  } catch {
    // Whoever picks it learns what is wrong with it.
    return { label: emulator, emulator };
  }
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
