/** What an instance says of itself, and libvirt of a domain, as read-only documents. */
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { printableLines } from '../../engine/text/printable';
import type { ViewedHosts } from '../hosts';
import {
  documentAddress,
  documentScheme,
  documentUri,
  type DefinitionName,
  type DocumentAddress,
  type DocumentKind,
  type InstanceName,
} from './document-uri';
import { HostDocuments, type DocumentSource } from './host-documents';

export class InstanceDocuments extends HostDocuments {
  constructor(hosts: ViewedHosts) {
    super(documentScheme, hosts);
  }

  show(kind: DocumentKind, name: InstanceName | DefinitionName): Promise<void> {
    return this.open(vscode.Uri.from(documentUri(kind, name)));
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
  { kind, connection, uuid, instanceId }: DocumentAddress,
  signal: AbortSignal,
): Promise<string> {
  const libvirts = { uri: connection ?? 'qemu:///system', domain: uuid };
  switch (kind) {
    case 'status':
      return engine.instanceStatus(uuid, instanceId, signal);
    case 'command line':
      return connection === undefined
        ? engine.commandLine(uuid, instanceId)
        : engine.libvirt.commandLine(libvirts, signal);
    case 'live XML':
      return engine.libvirt.xml(libvirts, 'live', signal);
    case 'persistent XML':
      return engine.libvirt.xml(libvirts, 'persistent', signal);
  }
}
