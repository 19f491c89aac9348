/** What a migration would do, with nothing done: as a document, and as two command lines. */
import { posix, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { Plan } from '../../engine/plan/plan';
import { parseLaunchScript } from '../../qemu/commandline/launch-script';
import { asTreeNode } from '../../views/tree/node';
import { configuration } from '../configuration';
import { showMessage } from '../notify';
import { planScheme } from '../plan-documents';
import { pickEmulator } from '../pick-emulator';
import { withCancellableProgress } from '../progress';
import { shortName } from '../safe-text';
import type { Services } from '../services';
import type { Handler } from './action';
import { movable, planOf } from './plan-of';
import { aboutDocument, folderOf } from './documents';
import { domainSubject, emulatorOf, hostOf, type DomainSubject } from './subjects';

export const planLaunchScript: Handler = aboutDocument(async (services, script) => {
  const command = parseLaunchScript(script.getText());
  const cwd = folderOf(script);
  const named = command.program.includes('/') ? resolve(cwd, command.program) : command.program;
  const subject = await hostOf(services, { hostId: 'local' });
  if (subject === undefined) return;
  const { engine } = subject;
  const program = await engine.emulators.locate(named);
  const emulator = await pickEmulator(vscode.l10n.t('Migrate to Which QEMU?'), program, engine);
  if (emulator === undefined) return;
  const plan = await withCancellableProgress(
    vscode.l10n.t('Planning the migration to {0}', emulator),
    (signal) =>
      engine.planText({ command: { ...command, program }, cwd, emulator, mode: 'auto' }, signal),
  );
  if (plan !== undefined) await show(services.plans.put(script.uri.path, emulator, plan));
});

export const showPlan: Handler = async (services, given) => {
  const planned = await askAndPlan(services, given, vscode.l10n.t('Show Migration Plan'));
  if (planned !== undefined) await show(planned);
};

/** Of a plan's document, or of a domain. */
export const compareCommandLines: Handler = async (services, given) => {
  const uri =
    openedPlan(given) ??
    (await askAndPlan(services, given, vscode.l10n.t('Compare Command Lines')));
  if (uri === undefined) return;
  const commandLines = services.plans.commandLines(uri);
  if (commandLines === undefined) {
    await showMessage(
      'error',
      vscode.l10n.t('This is no plan: make one from a launch script or a domain first.'),
    );
    return;
  }
  const { source, target } = commandLines;
  const title = vscode.l10n.t('{0}: source ↔ target', posix.basename(source.path, '.source'));
  await vscode.commands.executeCommand('vscode.diff', source, target, title);
};

/** The document whose menu was used, or that of the active editor if it is a plan. */
function openedPlan(given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) return given;
  const active = vscode.window.activeTextEditor?.document.uri;
  return asTreeNode(given) === undefined && active?.scheme === planScheme ? active : undefined;
}

/** Opens a domain's plan beside a question that stays open. */
export function openPlan(
  services: Services,
  subject: DomainSubject,
  emulator: string,
  plan: Plan,
): void {
  void show(put(services, subject, emulator, plan), { preserveFocus: true });
}

async function askAndPlan(
  services: Services,
  given: unknown,
  title: string,
): Promise<vscode.Uri | undefined> {
  const subject = await domainSubject(services, given, { title, ...movable });
  if (subject === undefined) return undefined;
  const emulator = await pickEmulator(title, await emulatorOf(subject), subject.engine);
  if (emulator === undefined) return undefined;
  const plan = await withCancellableProgress(
    vscode.l10n.t('Planning the migration of {0}', shortName(subject.name)),
    (signal) =>
      planOf(
        subject,
        { emulator, mode: configuration('migrate.defaultMode'), stay: false },
        signal,
      ),
  );
  return plan && put(services, subject, emulator, plan);
}

function put(
  { plans }: Services,
  { host, uuid, name }: DomainSubject,
  emulator: string,
  plan: Plan,
): vscode.Uri {
  // A name may hold anything, and a path is taken apart at slashes and the dot of its ending.
  const path = `/${shortName(name).replaceAll(/[/\\?#]/g, '_')}`;
  return plans.put(path, JSON.stringify([host.id, uuid, emulator]), plan);
}

async function show(uri: vscode.Uri, options: vscode.TextDocumentShowOptions = {}): Promise<void> {
  await vscode.window.showTextDocument(uri, { preview: false, ...options });
}
