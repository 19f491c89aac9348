/** A look at one instance: its status, its command line, its monitor. */
import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import type { InstanceName } from '../../views/documents/document-uri';
import type { ViewedHosts } from '../../views/hosts';
import { asTreeNode } from '../../views/tree/node';
import type { Services } from '../services';
import type { Handler } from './action';
import { domainSubject } from './subjects';

/** The node's instance; of a domain the one that runs it. */
async function instanceSubject(
  services: Services,
  given: unknown,
  title: string,
): Promise<InstanceName | undefined> {
  const subject = await domainSubject(services, given, { title });
  if (subject === undefined) return undefined;
  const { host, engine, uuid, name } = subject;
  const node = asTreeNode(given);
  const instanceId =
    node !== undefined && 'instanceId' in node
      ? node.instanceId
      : (await engine.findDomain(uuid)).source;
  return { hostId: host.id, uuid, name, instanceId };
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
  const subject = await instanceSubject(services, given, title);
  if (subject !== undefined) await services.instanceDocuments.show('status', subject);
};

export const showCommandLine: Handler = async (services, given) => {
  const title = vscode.l10n.t('Show Instance Command Line');
  const subject = await instanceSubject(services, given, title);
  if (subject !== undefined) await services.instanceDocuments.show('command line', subject);
};

export const openConsole: Handler = async (services, given) => {
  const subject = await instanceSubject(services, given, vscode.l10n.t('Open QMP Console'));
  if (subject !== undefined) await services.openConsole(subject);
};
