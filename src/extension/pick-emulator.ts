import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { FoundEmulator } from '../engine/emulators/catalog';
import type { Engine } from '../engine/engine';
import { asLabel } from './safe-text';
import { askInSteps, askText, back, pick, type Step } from './steps';

export interface EmulatorItem extends vscode.QuickPickItem {
  /** Undefined for the item that asks for a path. */
  readonly emulator?: string;
}

export interface EmulatorDraft {
  readonly emulator: string;
  /** Not picked from the list: it is to be typed. */
  readonly isTyped: boolean;
}

/**
 * Asks for one of the host's emulators, or for a path.
 * @param current the one that the VM runs on, or its launch script names
 * @returns a path; undefined if the user has left it
 */
export async function pickEmulator(
  title: string,
  current: string,
  engine: Engine,
): Promise<string | undefined> {
  const first = { emulator: current, isTyped: false };
  const placeholder = vscode.l10n.t('The QEMU to move to');
  const steps = emulatorSteps<EmulatorDraft>(engine, { current, placeholder });
  return (await askInSteps(title, first, steps))?.emulator;
}

export interface EmulatorQuestion {
  /** The one that the VM runs on; undefined: the one of the answers so far. */
  readonly current: string | undefined;
  readonly placeholder: string;
}

/** The same as steps among others. */
export function emulatorSteps<Draft extends EmulatorDraft>(
  engine: Engine,
  { current, placeholder }: EmulatorQuestion,
): Step<Draft>[] {
  return [
    {
      async ask(state, place) {
        const answer = await pick<EmulatorItem>({
          place,
          placeholder,
          items: (signal) => emulatorItems(current ?? state.emulator, engine, signal),
          isPreferred: ({ emulator }) => emulator === state.emulator,
        });
        if (answer === undefined || answer === back) return answer;
        const { emulator } = answer;
        return emulator === undefined
          ? { ...state, isTyped: true }
          : { ...state, isTyped: false, emulator };
      },
    },
    {
      applies: ({ isTyped }) => isTyped,
      async ask(state, place) {
        const answer = await askText({
          place,
          prompt: vscode.l10n.t('Path of the QEMU on the host'),
          placeholder: '/usr/local/bin/qemu-system-x86_64',
          value: state.emulator,
          problem: (path) =>
            path.startsWith('/') ? undefined : vscode.l10n.t('Give the full path, from / on.'),
        });
        return answer === undefined || answer === back ? answer : { ...state, emulator: answer };
      },
    },
  ];
}

async function emulatorItems(
  current: string,
  engine: Engine,
  signal: AbortSignal,
): Promise<EmulatorItem[]> {
  const { Separator } = vscode.QuickPickItemKind;
  const own = await engine.emulators.locate(current, signal).catch(() => current);
  const [[first], found] = await Promise.all([
    engine.emulators.describeEach([own], signal),
    engine.emulatorsFound(signal),
  ]);
  const others = found.filter(({ path }) => path !== own && mayHaveSameTarget(path, own));
  return [
    { label: vscode.l10n.t('its own'), kind: Separator },
    ...(first === undefined ? [] : [emulatorItem(first)]),
    { label: vscode.l10n.t('on the host'), kind: Separator },
    ...others.map(emulatorItem),
    { label: '', kind: Separator },
    { label: `$(file) ${vscode.l10n.t('Enter a Path…')}`, alwaysShow: true },
  ];
}

/** An emulator of another architecture runs no VM of this one. A name may say nothing of it. */
function mayHaveSameTarget(one: string, other: string): boolean {
  const [ours, theirs] = [one, other].map((path) => /^qemu-system-(\w+)/.exec(basename(path))?.[1]);
  return ours === undefined || theirs === undefined || ours === theirs;
}

/** Whoever picks one that cannot be asked learns what is wrong with it. */
function emulatorItem({ path, emulator, error }: FoundEmulator): EmulatorItem {
  const description = emulator === undefined ? error.message : `QEMU ${emulator.version}`;
  return { label: asLabel(path, 120), description: asLabel(description, 120), emulator: path };
}
