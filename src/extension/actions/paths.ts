/** What an instance holds on the host: copied, looked at, followed. */
import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import type { Holding, InstanceHoldings } from '../../engine/inventory/holdings';
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
  const subject = await pathSubject(services, given, vscode.l10n.t('Follow Log'), {
    isOffered: (item) => item.isLog === true,
    none: vscode.l10n.t('No instance of it writes a log to a file.'),
  });
  if (subject === undefined) return;
  const { host, name, instanceId, address } = subject;
  services.logs.follow({ hostId: host.id, name, instanceId, address });
};

/** Of a domain's paths, when the user has to pick. */
interface Offer {
  readonly isOffered?: (item: PathItem) => boolean;
  /** What is said when none is offered. */
  readonly none?: string;
}

async function pathSubject(
  services: Services,
  given: unknown,
  title: string,
  { isOffered = () => true, none = '' }: Offer = {},
): Promise<PathSubject | undefined> {
  const node = asTreeNode(given);
  if (node?.kind === 'path') {
    const subject = await hostOf(services, node);
    return subject && { ...subject, ...node };
  }
  const domain = await domainSubject(services, given, {
    title,
    libvirt: ({ instance }) => instance !== undefined,
  });
  if (domain === undefined) return undefined;
  const answer = await pick({
    place: { title: `${title}: ${shortName(domain.name)}`, step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The path or address'),
    items: async (signal): Promise<PathItem[]> => {
      const { instances } = await domain.engine.holdings(domain.named, signal);
      const offered = instances.flatMap((instance) => {
        const items = pathItems(instance).filter(isOffered);
        return items.length === 0 ? [] : [separator(instance.id), ...items];
      });
      return offered.length === 0 ? [{ label: none, alwaysShow: true }] : offered;
    },
    accepts: ({ path }) => path !== undefined,
  });
  if (answer === undefined || answer === back || answer.path === undefined) return undefined;
  const { host, engine, name } = domain;
  return { host, engine, name, ...answer.path };
}

interface PathItem extends vscode.QuickPickItem {
  /** Undefined for what is no path. */
  readonly path?: { readonly instanceId: number; readonly address: string };
  readonly isLog?: boolean;
}

function separator(instanceId: number): PathItem {
  return {
    label: vscode.l10n.t('instance {0}', instanceId),
    kind: vscode.QuickPickItemKind.Separator,
  };
}

function pathItems({ id, output, monitor, resources }: InstanceHoldings): PathItem[] {
  const item = (address: string, what: string, isLog: boolean): PathItem => ({
    label: asLabel(address, 120),
    description: asLabel(what),
    path: { instanceId: id, address },
    isLog,
  });
  return [
    ...(output === undefined ? [] : [item(output, vscode.l10n.t('output'), true)]),
    ...(monitor === undefined ? [] : [item(monitor, vscode.l10n.t("Sidestep's monitor"), false)]),
    ...resources.map((holding) => item(holding.address, holding.option, isWritten(holding))),
  ];
}

/** Whether QEMU writes to it as to a file: of chardevs, source and target share only those. */
function isWritten({ kind, action, address }: Holding): boolean {
  return address.startsWith('/') && (kind === 'log' || (kind === 'chardev' && action === 'share'));
}
