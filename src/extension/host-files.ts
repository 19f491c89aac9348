/** Text files of a host behind SSH, as read-only documents. */
import * as vscode from 'vscode';
import type { Host } from '../host/host';
import { HostDocuments, type DocumentSource } from '../views/documents/host-documents';
import type { ViewedHosts } from '../views/hosts';

export const hostFileScheme = 'sidestep-file';

/** What is opened as a document at most, in bytes. */
const largestDocument = 2 * 1024 ** 2;

export class HostFiles extends HostDocuments {
  constructor(hosts: ViewedHosts) {
    super(hostFileScheme, hosts);
  }

  show(hostId: string, path: string): Promise<void> {
    return this.open(vscode.Uri.from({ scheme: hostFileScheme, path, query: hostId }));
  }

  protected sourceOf({ path, query }: vscode.Uri): DocumentSource {
    return {
      hostId: query,
      read: async ({ host }) => (await readSmallText(host, path)) ?? '',
    };
  }
}

/** Undefined for what is large, no file or no text. */
export async function readSmallText(host: Host, path: string): Promise<string | undefined> {
  const [stat] = await host.files([{ op: 'stat', path }]);
  if (stat?.kind !== 'file' || stat.size > largestDocument) return undefined;
  const [data] = await host.files([{ op: 'read', path }]);
  return data === undefined || data.includes(0) ? undefined : data.toString();
}
