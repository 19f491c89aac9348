import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { withCancellableProgress } from '../progress';
import type { Hosts } from './hosts';
import type { ManagedHost } from './managed-host';

/**
 * Connects a host as the user has asked for: with progress, questions and a way to cancel.
 * @returns undefined if the user has cancelled it
 */
export function connectWithProgress(hosts: Hosts, host: ManagedHost): Promise<Engine | undefined> {
  return withCancellableProgress(vscode.l10n.t('Connecting to {0}', host.label), (signal) =>
    hosts.connect(host, signal),
  );
}
