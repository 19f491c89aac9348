/** Starts a domain, from a launch script or from a command line. */
import { homedir } from 'node:os';
import { basename } from 'node:path';
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { StartedDomain } from '../../engine/domain/start';
import { CommandLine } from '../../qemu/commandline/commandline';
import { CommandLineError } from '../../qemu/commandline/errors';
import { parseLaunchScript, type LaunchCommand } from '../../qemu/commandline/launch-script';
import { Properties } from '../../qemu/commandline/properties';
import { askDomainName } from '../domain-name';
import { localHostId } from '../hosts/host-settings';
import { showMessage, tellError } from '../notify';
import { emulatorSteps } from '../pick-emulator';
import { withCancellableProgress } from '../progress';
import { asLabel, shortName } from '../safe-text';
import type { Services } from '../services';
import { askInSteps, askText, back, pick, type Answer, type Place, type Step } from '../steps';
import type { Handler } from './action';
import { aboutDocument, folderOf } from './documents';
import { hostSubject, type HostSubject } from './subjects';

interface Draft {
  /** Undefined where a command line is typed. */
  readonly script: vscode.TextDocument | undefined;
  /** As typed. */
  readonly text: string;
  readonly command: LaunchCommand;
  readonly name: string;
  readonly emulator: string;
  /** For the emulator's steps. */
  readonly isTyped: boolean;
  /** Where relative paths lie. */
  readonly folder: string;
}

const nothing: LaunchCommand = { environment: {}, program: '', arguments: [] };

export const startDomain: Handler = async (services, given) => {
  const title = vscode.l10n.t('Start Domain');
  const subject = await hostSubject(services, given, { title });
  if (subject === undefined) return;
  const isTypedCommand = ({ script }: Draft) => script === undefined;
  const draft = await askInSteps<Draft>(title, emptyDraft(subject), [
    { ask: askSource },
    { applies: isTypedCommand, ask: askCommandLine },
    ...emulatorSteps<Draft>(subject.engine, {
      current: undefined,
      placeholder: vscode.l10n.t('The QEMU to start'),
    }).map((step) => ({
      ...step,
      applies: (draft: Draft) => isTypedCommand(draft) && (step.applies?.(draft) ?? true),
    })),
    { ask: askDomainName },
    { applies: (draft) => isTypedCommand(draft) || isRemote(subject), ask: askFolder },
  ]);
  if (draft !== undefined) await start(services, subject, draft);
};

export const startLaunchScript: Handler = aboutDocument(async (services, script) => {
  const title = vscode.l10n.t('Start a Domain from {0}', basename(script.uri.path));
  const subject = await hostSubject(services, undefined, { title });
  if (subject === undefined) return;
  const steps: Step<Draft>[] = [
    { ask: askDomainName },
    { applies: () => isRemote(subject), ask: askFolder },
  ];
  const draft = await askInSteps(title, withScript(emptyDraft(subject), script), steps);
  if (draft !== undefined) await start(services, subject, draft);
});

function isRemote({ host }: HostSubject): boolean {
  return host.id !== localHostId;
}

function emptyDraft(subject: HostSubject): Draft {
  const folder = isRemote(subject) ? '/' : homedir();
  return {
    ...{ script: undefined, text: '', command: nothing, name: '', emulator: '' },
    ...{ isTyped: false, folder },
  };
}

/** @throws CommandLineError */
function withScript(state: Draft, script: vscode.TextDocument): Draft {
  const { name } = posix.parse(script.uri.path);
  const draft = withCommand(state, parseLaunchScript(script.getText()), name);
  return { ...draft, script, folder: state.folder === '/' ? '/' : folderOf(script) };
}

function withCommand(state: Draft, command: LaunchCommand, otherName: string): Draft {
  const name = nameIn(command) ?? otherName;
  return { ...state, command, name, emulator: command.program };
}

/** What `-name` says. */
function nameIn({ arguments: args }: LaunchCommand): string | undefined {
  const value = CommandLine.parse(args).options.findLast(({ name }) => name === 'name')?.value;
  return value === undefined ? undefined : Properties.parse(value, 'guest').get('guest');
}

interface SourceItem extends vscode.QuickPickItem {
  readonly script?: () => Promise<vscode.TextDocument | undefined>;
}

async function askSource(state: Draft, place: Place): Promise<Answer<Draft>> {
  const answer = await pick<SourceItem>({
    place,
    placeholder: vscode.l10n.t('What is to be started?'),
    items: sourceItems,
  });
  if (answer === undefined || answer === back) return answer;
  if (answer.script === undefined) return { ...state, script: undefined };
  const script = await answer.script();
  return script && withScript(state, script);
}

function sourceItems(): SourceItem[] {
  const commandLine = { label: `$(terminal) ${vscode.l10n.t('Enter a Command Line…')}` };
  // A launch script names the programs that are run.
  if (!vscode.workspace.isTrusted) return [commandLine];
  const editors = vscode.window.visibleTextEditors.filter(({ document }) => isScript(document));
  return [
    ...editors.map(({ document }) => ({
      label: `$(file-code) ${asLabel(basename(document.uri.path))}`,
      description: vscode.l10n.t('the launch script in the editor'),
      script: () => Promise.resolve(document),
    })),
    { label: `$(folder-opened) ${vscode.l10n.t('Choose a Launch Script…')}`, script: chooseScript },
    commandLine,
  ];
}

function isScript({ languageId, uri }: vscode.TextDocument): boolean {
  return (
    ['shellscript', 'plaintext', 'log'].includes(languageId) &&
    ['file', 'untitled', 'vscode-remote'].includes(uri.scheme)
  );
}

async function chooseScript(): Promise<vscode.TextDocument | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Launch Script'),
      openLabel: vscode.l10n.t('Start'),
    })) ?? [];
  return file && vscode.workspace.openTextDocument(file);
}

async function askCommandLine(state: Draft, place: Place): Promise<Answer<Draft>> {
  const text = await askText({
    place,
    prompt: vscode.l10n.t("QEMU's command line, as it is typed in a shell"),
    placeholder: 'qemu-system-x86_64 -m 1G -drive file=/srv/disk.qcow2,if=virtio',
    value: state.text,
    problem: problemOf,
  });
  if (text === undefined || text === back) return text;
  const draft = withCommand(state, parseLaunchScript(text), state.name);
  return { ...draft, text };
}

function problemOf(text: string): string | undefined {
  try {
    parseLaunchScript(text);
    return undefined;
  } catch (error) {
    if (error instanceof CommandLineError) return `${error.message}.`;
    throw error;
  }
}

async function askFolder(state: Draft, place: Place): Promise<Answer<Draft>> {
  const folder = await askText({
    place,
    prompt: vscode.l10n.t('The folder on the host in which relative paths lie'),
    value: state.folder,
    problem: (text) =>
      text.startsWith('/') ? undefined : vscode.l10n.t('Give the full path, from / on.'),
  });
  return folder === undefined || folder === back ? folder : { ...state, folder };
}

async function start(
  services: Services,
  subject: HostSubject,
  { command, emulator, folder, name, script }: Draft,
): Promise<void> {
  const { engine } = subject;
  let started: StartedDomain | undefined;
  try {
    started = await withCancellableProgress(
      vscode.l10n.t('Starting {0}', shortName(name)),
      (signal) =>
        engine.start({
          name,
          emulator: emulator.includes('/') ? posix.resolve(folder, emulator) : emulator,
          arguments: command.arguments,
          cwd: folder,
          signal,
        }),
    );
  } catch (error) {
    tellError(error, services.log, script && { document: script });
    return;
  }
  if (started === undefined) return;
  services.refresh(subject.host.id);
  const { domain, instance, remark } = started;
  services.log.info(`Started ${domain.name} on ${subject.host.label}: ${remark}`);
  await showMessage('info', startedText(started, command), [
    {
      label: vscode.l10n.t('Migrate Locally…'),
      run: () =>
        vscode.commands.executeCommand('sidestep.migrate', {
          ...{ kind: 'domain', hostId: subject.host.id },
          ...{ uuid: instance.uuid, name: domain.name },
        }),
    },
  ]);
}

function startedText(
  { domain, instance, remark }: StartedDomain,
  { environment }: LaunchCommand,
): string {
  const text = vscode.l10n.t(
    '{0} runs on QEMU {1}. {2}',
    shortName(domain.name),
    instance.version ?? '',
    remark,
  );
  const variables = Object.keys(environment);
  if (variables.length === 0) return text;
  const left = vscode.l10n.t(
    'Variables that the script sets are left out: {0}.',
    variables.join(', '),
  );
  return `${text} ${left}`;
}
