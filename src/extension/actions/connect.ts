/** Connect, disconnect, and what was remembered for it. */
import * as vscode from 'vscode';
import { asTreeNode } from '../../views/tree/node';
import { connectWithProgress } from '../hosts/connect-with-progress';
import type { ManagedHost } from '../hosts/managed-host';
import { showMessage } from '../notify';
import { asLabel } from '../safe-text';
import type { Services } from '../services';
import { back, pick } from '../steps';
import type { Handler } from './action';
import { hostItem } from './subjects';

export const connect: Handler = async (services, given) => {
  const host = await pickHost(services, given, {
    title: vscode.l10n.t('Connect'),
    isOffered: ({ status }) => status.state !== 'connected' && status.state !== 'connecting',
  });
  if (host !== undefined) await connectWithProgress(services.hosts, host);
};

export const disconnect: Handler = async (services, given) => {
  const host = await pickHost(services, given, {
    title: vscode.l10n.t('Disconnect'),
    isOffered: ({ settings, status }) =>
      settings !== undefined && status.state !== 'disconnected' && status.state !== 'failed',
  });
  if (host !== undefined) await services.hosts.disconnect(host);
};

export const forgetSecrets: Handler = async ({ secrets }) => {
  const count = await secrets.forgetAll();
  await showMessage(
    'info',
    count === 0
      ? vscode.l10n.t('No password or passphrase was remembered.')
      : vscode.l10n.t('{0} remembered passwords and passphrases are forgotten.', count),
  );
};

export interface HostQuestion {
  readonly title: string;
  readonly isOffered: (host: ManagedHost) => boolean;
}

/** The host of the node, or the one that the user picks, connected or not. */
export async function pickHost(
  { hosts }: Services,
  given: unknown,
  { title, isOffered }: HostQuestion,
): Promise<ManagedHost | undefined> {
  const node = asTreeNode(given);
  if (node !== undefined) return hosts.find(node.hostId);
  const offered = hosts.all.filter(isOffered);
  if (offered.length === 0) {
    await showMessage('info', vscode.l10n.t('There is no host to which this applies.'), [
      {
        label: vscode.l10n.t('Add SSH Host…'),
        run: () => vscode.commands.executeCommand('sidestep.addHost'),
      },
    ]);
    return undefined;
  }
  const answer = await pick({
    place: { title, step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The host'),
    items: () =>
      offered.map((host) => ({ ...hostItem(host), detail: asLabel(host.status.state), host })),
  });
  return answer === undefined || answer === back ? undefined : answer.host;
}
