import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import type { HostStatus, ViewedHost } from '../../views/hosts';
import type { Log } from '../log';
import type { HostSettings } from './host-settings';
import { HostLink, type ConnectOptions, type OpenFunction } from './host-link';

export interface ManagedHostSetting {
  readonly id: string;
  /** Undefined for this machine. */
  readonly settings: HostSettings | undefined;
  readonly label: string;
  readonly open: OpenFunction;
  readonly mayPass: (error: unknown) => boolean;
  readonly log: Log;
}

/** A host of the user's, and the way to it. */
export class ManagedHost implements ViewedHost, vscode.Disposable {
  readonly id: string;
  readonly label: string;
  readonly destination: string | undefined;
  readonly settings: HostSettings | undefined;
  readonly #link: HostLink;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeStatus = this.#changed.event;

  constructor({ id, label, settings, open, mayPass, log }: ManagedHostSetting) {
    this.id = id;
    this.label = label;
    this.settings = settings;
    this.destination = settings?.destination;
    this.#link = new HostLink({
      open,
      mayPass,
      onStatus: (status) => {
        logStatus(log, label, status);
        this.#changed.fire();
      },
    });
  }

  get status(): HostStatus {
    return this.#link.status;
  }

  /** @throws what stands in the way, as of `HostLink.connect` */
  connect(options: ConnectOptions): Promise<Engine> {
    return this.#link.connect(options);
  }

  disconnect(): Promise<void> {
    return this.#link.disconnect();
  }

  dispose(): void {
    void this.disconnect().finally(() => {
      this.#changed.dispose();
    });
  }
}

function logStatus(log: Log, label: string, status: HostStatus): void {
  switch (status.state) {
    case 'reconnecting':
      log.warn(`${label}: connection lost, try ${status.attempt} to come back`, status.error);
      return;
    case 'failed':
      log.error(`${label}: not connected`, status.error);
      return;
    case 'disconnected':
    case 'connecting':
    case 'connected':
      log.info(`${label}: ${status.state}`);
  }
}
