/** The extension's settings, each with the type that package.json gives it. */
import * as vscode from 'vscode';
import type { CloseAction } from '../engine/migration/on-close';
import type { Mode } from '../engine/mode';

interface Settings {
  /** Empty in the settings: the default folder. */
  stateFolder: string | undefined;
  'migrate.defaultMode': Mode | 'auto';
  /** Seconds; undefined for none (0 in the settings). */
  'migrate.timeout': number | undefined;
  'migrate.openTimeline': boolean;
  'migrate.onClose': CloseAction;
  /** Seconds. */
  'stop.timeout': number;
}

const modes: readonly unknown[] = ['auto', 'precopy', 'ignore-shared', 'cpr-transfer'];

/** How each is read: VS Code hands out whatever the user has written. */
const readers: { [Name in keyof Settings]: (value: unknown) => Settings[Name] } = {
  stateFolder: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  'migrate.defaultMode': (value) => (isModeOrAuto(value) ? value : 'auto'),
  'migrate.timeout': (value) => (isPositive(value) ? value : undefined),
  'migrate.openTimeline': (value) => value !== false,
  'migrate.onClose': (value) => (value === 'cancel' ? 'cancel' : 'finish'),
  'stop.timeout': (value) => (isPositive(value) ? value : 60),
};

/** The value of `sidestep.NAME` now. */
export function configuration<Name extends keyof Settings>(name: Name): Settings[Name] {
  return readers[name](vscode.workspace.getConfiguration('sidestep').get(name));
}

function isModeOrAuto(value: unknown): value is Mode | 'auto' {
  return modes.includes(value);
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
