/** What an instance says of itself, as read-only documents. */
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
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
import { HostDocuments, type DocumentSource } from './host-documents';

export class InstanceDocuments extends HostDocuments {
  constructor(hosts: ViewedHosts) {
    super(documentScheme, hosts);
  }

  show(kind: DocumentKind, instance: InstanceName): Promise<void> {
    return this.open(vscode.Uri.from(documentUri(kind, instance)));
  }

  protected sourceOf(uri: vscode.Uri): DocumentSource | undefined {
    const address = documentAddress(uri);
    return (
      address && {
        hostId: address.hostId,
        read: async (engine, signal) => printableLines(await read(engine, address, signal)),
      }
    );
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
