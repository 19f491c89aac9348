/** What an instance holds on the host: copied, looked at, followed. */
import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import { asTreeNode } from '../../views/tree/node';
import { readSmallText } from '../host-files';
import { localHostId } from '../hosts/host-settings';
import { asLabel, shortName } from '../safe-text';
import type { Services } from '../services';
import { back, pick } from '../steps';
import type { Handler } from './action';
import { domainSubject, hostOf, type HostSubject } from './subjects';

interface PathSubject extends HostSubject {
  /** The domain's. */
  readonly name: string;
  readonly instanceId: number;
  readonly address: string;
}

export const copyPath: Handler = async (services, given) => {
  const node = asTreeNode(given);
  const address =
    node !== undefined && 'path' in node
      ? node.path
      : (await pathSubject(services, given, vscode.l10n.t('Copy Path or Address')))?.address;
  if (address !== undefined) await vscode.env.clipboard.writeText(address);
};

/** A text as a document, anything else of this machine in its file manager. */
export const revealPath: Handler = async (services, given) => {
  const subject = await pathSubject(services, given, vscode.l10n.t('Reveal File'));
  if (subject === undefined) return;
  const { host, engine, address } = subject;
  const isLocal = host.id === localHostId;
  if ((await readSmallText(engine.host, address)) !== undefined) {
    if (isLocal) await vscode.window.showTextDocument(vscode.Uri.file(address));
    else await services.hostFiles.show(host.id, address);
  } else if (isLocal && vscode.env.uiKind === vscode.UIKind.Desktop && !vscode.env.remoteName) {
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(address));
  } else {
    throw new SidestepError('NOT_TEXT', `${address} is no text of less than 2 MiB.`, {
      path: address,
      hint: vscode.l10n.t('Its path can be copied.'),
    });
  }
};

/** Shows what is in a log, and what is added to it. */
export const followLog: Handler = async (services, given) => {
  const subject = await pathSubject(services, given, vscode.l10n.t('Follow Log'));
  if (subject === undefined) return;
  const { host, name, instanceId, address } = subject;
  services.logs.follow({ hostId: host.id, name, instanceId, address });
};

async function pathSubject(
  services: Services,
  given: unknown,
  title: string,
): Promise<PathSubject | undefined> {
  const node = asTreeNode(given);
  if (node?.kind === 'path') {
    const subject = await hostOf(services, node);
    return subject && { ...subject, ...node };
  }
  const domain = await domainSubject(services, given, { title });
  if (domain === undefined) return undefined;
  const answer = await pick({
    place: { title: `${title}: ${shortName(domain.name)}`, step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The path or address'),
    items: async (signal) => {
      const { instances } = await domain.engine.holdings(domain.uuid, signal);
      return instances.flatMap(({ id, output, monitor, resources }) => [
        {
          ...pathItem(id, '', ''),
          label: vscode.l10n.t('instance {0}', id),
          kind: vscode.QuickPickItemKind.Separator,
        },
        ...(output === undefined ? [] : [pathItem(id, output, vscode.l10n.t('output'))]),
        pathItem(id, monitor, vscode.l10n.t("Sidestep's monitor")),
        ...resources.map(({ address, option }) => pathItem(id, address, option)),
      ]);
    },
  });
  if (answer === undefined || answer === back) return undefined;
  const { host, engine, name } = domain;
  const { instanceId, address } = answer;
  return { host, engine, name, instanceId, address };
}

interface PathItem extends vscode.QuickPickItem {
  readonly instanceId: number;
  readonly address: string;
}

function pathItem(instanceId: number, address: string, what: string): PathItem {
  return { label: asLabel(address, 120), description: asLabel(what), instanceId, address };
}
