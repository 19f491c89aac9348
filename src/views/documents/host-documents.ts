/** Read-only documents of what is on a host. */
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { asSidestepError } from '../../engine/errors';
import { printableLines } from '../../engine/text/printable';
import type { ViewedHosts } from '../hosts';

/** What a document shows. */
export interface DocumentSource {
  readonly hostId: string;
  readonly read: (engine: Engine, signal: AbortSignal) => Promise<string>;
}

export abstract class HostDocuments
  implements vscode.TextDocumentContentProvider, vscode.Disposable
{
  readonly #hosts: ViewedHosts;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: vscode.Disposable;

  protected constructor(scheme: string, hosts: ViewedHosts) {
    this.#hosts = hosts;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  }

  /** @returns undefined for an address that is none of these documents' */
  protected abstract sourceOf(uri: vscode.Uri): DocumentSource | undefined;

  /** Opens a document; one that is open already is read anew. */
  protected async open(uri: vscode.Uri): Promise<void> {
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  /** A failure is told in the document: a rejection would leave the tab that a reload restores empty. */
  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string> {
    const source = this.sourceOf(uri);
    if (source === undefined) return vscode.l10n.t('This is no document of Sidestep’s.');
    const status = this.#hosts.find(source.hostId)?.status;
    if (status?.state !== 'connected') {
      return vscode.l10n.t('The host is not connected. Connect it, and open this document again.');
    }
    const abort = new AbortController();
    const cancellation = token.onCancellationRequested(() => {
      abort.abort();
    });
    try {
      return await source.read(status.engine, abort.signal);
    } catch (error) {
      const { message, details } = asSidestepError(error);
      return printableLines([message, details.hint ?? ''].join('\n').trim());
    } finally {
      cancellation.dispose();
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
