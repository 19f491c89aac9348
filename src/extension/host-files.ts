/** Text files of a host behind SSH, as read-only documents. */
import * as vscode from 'vscode';
import { asSidestepError } from '../engine/errors';
import type { Host } from '../host/host';
import type { ViewedHosts } from '../views/hosts';

export const hostFileScheme = 'sidestep-file';

/** What is opened as a document at most, in bytes. */
const largestDocument = 2 * 1024 ** 2;

export class HostFiles implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: vscode.Disposable;

  constructor(private readonly hosts: ViewedHosts) {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(hostFileScheme, this);
  }

  async show(hostId: string, path: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: hostFileScheme, path, query: hostId });
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri);
  }

  /** A failure is told in the document, so that a reload of the window can show it again. */
  async provideTextDocumentContent({ path, query }: vscode.Uri): Promise<string> {
    const status = this.hosts.find(query)?.status;
    if (status?.state !== 'connected') {
      return vscode.l10n.t('The host is not connected. Connect it, and open this document again.');
    }
    try {
      return (await readSmallText(status.engine.host, path)) ?? '';
    } catch (error) {
      return asSidestepError(error).message;
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** Undefined for what is large, no file or no text. */
export async function readSmallText(host: Host, path: string): Promise<string | undefined> {
  const [stat] = await host.files([{ op: 'stat', path }]);
  if (stat?.kind !== 'file' || stat.size > largestDocument) return undefined;
  const [data] = await host.files([{ op: 'read', path }]);
  return data === undefined || data.includes(0) ? undefined : data.toString();
}
