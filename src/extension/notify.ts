/** How the user is told of what has happened. */
import * as vscode from 'vscode';
import { hintFor } from './hints';
import type { Log } from './log';
import { asMessage } from './safe-text';
import { asUserError, isCancellation, type UserError } from './user-error';

/** A button of a notification. */
export interface Button {
  readonly label: string;
  readonly run: () => unknown;
}

export interface ErrorContext {
  /** What it is about, said before it. */
  readonly about?: string;
  /** The launch script it may be about. */
  readonly document?: vscode.TextDocument;
  readonly buttons?: readonly Button[];
}

/** Logs an error and tells the user of it, unless it is that the user has ended something. */
export function tellError(
  error: unknown,
  log: Log,
  { about, document, buttons = [] }: ErrorContext = {},
): void {
  if (isCancellation(error)) return;
  const told = asUserError(error, hintFor);
  log.error(told.text, error);
  const text = about === undefined ? sentence(told) : `${about} ${sentence(told)}`;
  void showMessage('error', text, [
    ...lineButton(told, document),
    ...knownHostsButton(told),
    ...buttons,
    showLogButton(log),
  ]);
}

/** Shows a notification; resolves when it is gone and its button's work is begun. */
export async function showMessage(
  severity: 'info' | 'warning' | 'error',
  text: string,
  buttons: readonly Button[] = [],
): Promise<void> {
  const { window } = vscode;
  const show = {
    info: window.showInformationMessage,
    warning: window.showWarningMessage,
    error: window.showErrorMessage,
  }[severity];
  const label = await show(asMessage(text), ...buttons.map((button) => button.label));
  await buttons.find((button) => button.label === label)?.run();
}

export function showLogButton(log: Log): Button {
  return {
    label: vscode.l10n.t('Show Log'),
    run: () => {
      log.show();
    },
  };
}

function sentence({ text, code }: UserError): string {
  return code === 'INTERNAL'
    ? vscode.l10n.t('Sidestep has failed, which is a fault of its own: {0}', text)
    : `${text} [${code}]`;
}

function lineButton({ line }: UserError, document: vscode.TextDocument | undefined): Button[] {
  if (line === undefined || document === undefined) return [];
  return [
    {
      label: vscode.l10n.t('Go to Line {0}', line),
      run: () => showLine(document, line),
    },
  ];
}

function knownHostsButton({ knownHosts }: UserError): Button[] {
  if (knownHosts === undefined) return [];
  const { path, line } = knownHosts;
  return [
    {
      label: vscode.l10n.t('Open known_hosts at Line {0}', line),
      run: async () => showLine(await vscode.workspace.openTextDocument(path), line),
    },
  ];
}

/** @param line from 1 */
async function showLine(document: vscode.TextDocument, line: number): Promise<void> {
  const start = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
}

/** Asks before something that cannot be undone. */
export async function confirmed(
  question: string,
  detail: string,
  action: string,
): Promise<boolean> {
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, action);
  return answer === action;
}

export function showSettingsButton(setting: string): Button {
  return {
    label: vscode.l10n.t('Open Settings'),
    run: () => vscode.commands.executeCommand('workbench.action.openSettings', setting),
  };
}
