/** A look at one instance: its status, its command line, its monitor; and at libvirt's XML of a domain. */
import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import type { InstanceName } from '../../views/documents/document-uri';
import type { ViewedHosts } from '../../views/hosts';
import { asTreeNode } from '../../views/tree/node';
import type { Services } from '../services';
import type { Handler } from './action';
import { domainSubject, type Question } from './subjects';

/** The node's instance; of a domain the one that runs it. */
async function instanceSubject(
  services: Services,
  given: unknown,
  question: Question,
): Promise<InstanceName | undefined> {
  const subject = await domainSubject(services, given, question);
  if (subject === undefined) return undefined;
  const { host, engine, uuid, name, connection, named } = subject;
  const node = asTreeNode(given);
  if (node !== undefined && 'instanceId' in node) {
    return { hostId: host.id, connection, uuid, name, instanceId: node.instanceId };
  }
  const instanceId =
    connection === undefined
      ? (await engine.findDomain(uuid)).source
      : ((await engine.libvirt.find(named))?.id ?? 0);
  return { hostId: host.id, connection, uuid, name, instanceId };
}

/** The instance that runs a domain, for a page that knows the domain only. */
export async function findInstance(
  hosts: ViewedHosts,
  { hostId, uuid, name }: { readonly hostId: string; readonly uuid: string; readonly name: string },
): Promise<InstanceName> {
  const status = hosts.find(hostId)?.status;
  if (status?.state !== 'connected') {
    throw new SidestepError('HOST_NOT_CONNECTED', vscode.l10n.t('The host is not connected.'));
  }
  const { source } = await status.engine.findDomain(uuid);
  return { hostId, uuid, name, instanceId: source };
}

export const showStatus: Handler = async (services, given) => {
  const title = vscode.l10n.t('Show Instance Status');
  const subject = await instanceSubject(services, given, { title });
  if (subject !== undefined) await services.instanceDocuments.show('status', subject);
};

export const showCommandLine: Handler = async (services, given) => {
  const subject = await instanceSubject(services, given, {
    title: vscode.l10n.t('Show Instance Command Line'),
    libvirt: ({ instance }) => instance !== undefined,
  });
  if (subject !== undefined) await services.instanceDocuments.show('command line', subject);
};

export const openConsole: Handler = async (services, given) => {
  const title = vscode.l10n.t('Open QMP Console');
  const subject = await instanceSubject(services, given, { title });
  if (subject !== undefined) await services.openConsole(subject);
};

export const showLiveXml: Handler = (services, given) =>
  showXml(services, given, 'live XML', {
    title: vscode.l10n.t('Show Live XML'),
    ...{ states: [], libvirt: ({ id }) => id !== undefined },
  });

export const showPersistentXml: Handler = (services, given) =>
  showXml(services, given, 'persistent XML', {
    title: vscode.l10n.t('Show Persistent XML'),
    ...{ states: [], libvirt: ({ persistent }) => persistent },
  });

async function showXml(
  services: Services,
  given: unknown,
  kind: 'live XML' | 'persistent XML',
  question: Question,
): Promise<void> {
  const subject = await domainSubject(services, given, question);
  if (subject?.connection === undefined) return;
  const { host, uuid, name, connection } = subject;
  await services.instanceDocuments.show(kind, { hostId: host.id, connection, uuid, name });
}
