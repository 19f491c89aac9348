/** What an instance says of itself, as read-only documents. */
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { asSidestepError } from '../../engine/errors';
import { printableLines } from '../../engine/text/printable';
import type { ViewedHosts } from '../hosts';
import {
  documentAddress,
  documentScheme,
  documentUri,
  type DocumentAddress,
  type DocumentKind,
  type InstanceName,
} from './document-uri';

export class InstanceDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: vscode.Disposable;

  constructor(private readonly hosts: ViewedHosts) {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(documentScheme, this);
  }

  /** Opens a document; one that is open already is read anew. */
  async show(kind: DocumentKind, instance: InstanceName): Promise<void> {
    const uri = vscode.Uri.from(documentUri(kind, instance));
    this.refresh(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Reads a document anew, if it is open. */
  refresh(uri: vscode.Uri): void {
    this.#changed.fire(uri);
  }

  /** A failure is told in the document: a rejection would leave the tab that a reload restores empty. */
  async provideTextDocumentContent(
    uri: vscode.Uri,
    token: vscode.CancellationToken,
  ): Promise<string> {
    const address = documentAddress(uri);
    if (address === undefined) return vscode.l10n.t('This is no document of Sidestep’s.');
    const status = this.hosts.find(address.hostId)?.status;
    if (status?.state !== 'connected') {
      return vscode.l10n.t('The host is not connected. Connect it, and open this document again.');
    }
    const abort = new AbortController();
    const cancellation = token.onCancellationRequested(() => {
      abort.abort();
    });
    try {
      return printableLines(await read(status.engine, address, abort.signal));
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

function read(
  engine: Engine,
  { kind, uuid, instanceId }: DocumentAddress,
  signal: AbortSignal,
): Promise<string> {
  switch (kind) {
    case 'status':
      return engine.instanceStatus(uuid, instanceId, signal);
    case 'command line':
      return engine.commandLine(uuid, instanceId);
  }
}
