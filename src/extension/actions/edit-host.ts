/** Add, edit and remove SSH hosts. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { connectWithProgress } from '../hosts/connect-with-progress';
import { freeHostId, parseHosts, type HostSettings } from '../hosts/host-settings';
import { confirmed, showMessage } from '../notify';
import { asLabel, shortName } from '../safe-text';
import type { Services } from '../services';
import { askInSteps, askText, back, pick, type Answer, type Place, type Step } from '../steps';
import type { Handler } from './action';
import { pickHost } from './connect';

interface Draft {
  readonly destination: string;
  /** Not picked from the configuration: it is to be typed. */
  readonly isTyped: boolean;
  readonly name: string;
  readonly sudo: boolean;
}

export const addHost: Handler = async (services) => {
  const draft = await askInSteps<Draft>(
    vscode.l10n.t('Add SSH Host'),
    { destination: '', isTyped: false, name: '', sudo: false },
    [
      { ask: askConfigured },
      {
        applies: ({ isTyped }) => isTyped,
        ask: async (state, place) => withDestination(state, await askDestination(state, place)),
      },
      { ask: askName },
      { ask: askSudo },
    ],
  );
  if (draft === undefined) return;
  const { destination, name, sudo } = draft;
  const id = freeHostId(destination, services.hosts.settings);
  const added = { id, name, destination, sudo, stateDir: undefined };
  await services.hosts.write((hosts) => [...hosts, added]);
  await connectNew(services, added);
};

export const editHost: Handler = async (services, given) => {
  const host = await pickHost(services, given, {
    title: vscode.l10n.t('Edit SSH Host'),
    isOffered: ({ settings }) => settings !== undefined,
  });
  const before = host?.settings;
  if (before === undefined) return;
  const steps: Step<Draft>[] = [
    { ask: async (state, place) => withDestination(state, await askDestination(state, place)) },
    { ask: askName },
    { ask: askSudo },
  ];
  const { destination, name, sudo } = before;
  const draft = await askInSteps<Draft>(
    vscode.l10n.t('Edit {0}', shortName(before.name)),
    { destination, isTyped: true, name, sudo },
    steps,
  );
  if (draft === undefined) return;
  const after = edited(before, draft, services.hosts.settings);
  if (isDeepStrictEqual(after, before)) return;
  // One that could not be reached is edited to be reached.
  const isWanted = host?.status.state !== 'disconnected';
  if (host !== undefined && isWanted) await services.hosts.disconnect(host);
  await services.hosts.write((hosts) =>
    hosts.map((each) => (each.id === before.id ? after : each)),
  );
  if (isWanted) await connectNew(services, after);
};

export const removeHost: Handler = async (services, given) => {
  const host = await pickHost(services, given, {
    title: vscode.l10n.t('Remove SSH Host'),
    isOffered: ({ settings }) => settings !== undefined,
  });
  if (host?.settings === undefined) return;
  const remove = vscode.l10n.t('Remove');
  const isSure = await confirmed(
    vscode.l10n.t('Remove {0} from the list of hosts?', shortName(host.label)),
    vscode.l10n.t('Nothing on the host is changed: its VMs run on.'),
    remove,
  );
  if (!isSure) return;
  await services.hosts.disconnect(host);
  await services.hosts.write((hosts) => hosts.filter(({ id }) => id !== host.id));
};

/** Without a destination of its own, the id stays: it is what secrets and the tree know the host by. */
function edited(before: HostSettings, draft: Draft, all: readonly HostSettings[]): HostSettings {
  const { destination, name, sudo } = draft;
  const others = all.filter(({ id }) => id !== before.id);
  const id = before.id === before.destination ? freeHostId(destination, others) : before.id;
  return { ...before, id, destination, name, sudo };
}

interface ConfiguredItem extends vscode.QuickPickItem {
  /** Undefined for the item that asks for one. */
  readonly host?: string;
}

async function askConfigured(state: Draft, place: Place): Promise<Answer<Draft>> {
  const answer = await pick<ConfiguredItem>({
    place,
    placeholder: vscode.l10n.t('A host of your SSH configuration, or another one'),
    items: async () => {
      const { configuredHosts } = await import('../../host/ssh/config/host-names');
      const names = await configuredHosts();
      return [
        { label: `$(edit) ${vscode.l10n.t('Enter user@host…')}`, alwaysShow: true },
        { label: '~/.ssh/config', kind: vscode.QuickPickItemKind.Separator },
        ...names.map((host) => ({ label: `$(vm) ${asLabel(host)}`, host })),
      ];
    },
  });
  if (answer === undefined || answer === back) return answer;
  const { host } = answer;
  return host === undefined
    ? { ...state, isTyped: true }
    : { ...state, isTyped: false, destination: host, name: host };
}

function askDestination({ destination }: Draft, place: Place): Promise<Answer<string>> {
  return askText({
    place,
    prompt: vscode.l10n.t('Where the host is: user@host, user@host:port, or an SSH host name'),
    placeholder: 'me@devbox.example:22',
    value: destination,
    problem: (text) =>
      parseHosts([{ destination: text }]).problems.length === 0
        ? undefined
        : vscode.l10n.t('Write it as user@host:port, without spaces.'),
  });
}

function withDestination(state: Draft, answer: Answer<string>): Answer<Draft> {
  if (answer === undefined || answer === back) return answer;
  const destination = answer.trim();
  const isOldName = state.name === '' || state.name === state.destination;
  return { ...state, destination, name: isOldName ? destination : state.name };
}

async function askName(state: Draft, place: Place): Promise<Answer<Draft>> {
  const answer = await askText({
    place,
    prompt: vscode.l10n.t('What the host is to be called in the tree'),
    value: state.name,
    problem: (text) => (text.trim() === '' ? vscode.l10n.t('Give it a name.') : undefined),
  });
  return answer === undefined || answer === back ? answer : { ...state, name: answer.trim() };
}

async function askSudo(state: Draft, place: Place): Promise<Answer<Draft>> {
  const answer = await pick({
    place,
    placeholder: vscode.l10n.t('Whose VMs?'),
    isPreferred: ({ sudo }) => sudo === state.sudo,
    items: () => [
      {
        label: vscode.l10n.t('Those of the user I connect as'),
        sudo: false,
      },
      {
        label: vscode.l10n.t('Those of root, by sudo'),
        detail: vscode.l10n.t('sudo must not ask for a password (sudo -n).'),
        sudo: true,
      },
    ],
  });
  return answer === undefined || answer === back ? answer : { ...state, sudo: answer.sudo };
}

/** What is written to the settings comes back as an event, before or after the writing has ended. */
async function connectNew(services: Services, settings: HostSettings): Promise<void> {
  const host = await services.hosts.whenThere(settings);
  if (host !== undefined) await connectWithProgress(services.hosts, host);
  else {
    await showMessage(
      'warning',
      vscode.l10n.t('The host is not in the list: another setting of "sidestep.hosts" hides it.'),
    );
  }
}
