/** Where a trace lies: a path on a host, which may come and go. */
import * as vscode from 'vscode';
import { asSidestepError } from '../../engine/errors';
import type { Disposable, Host } from '../../host/host';
import type { HostStatus, ViewedHost, ViewedHosts } from '../hosts';

export interface Problem {
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

export interface TracePlace extends Disposable {
  readonly hostId: string;
  /** The host, as the user calls it. */
  readonly hostLabel: string;
  readonly path: string;
  /** The host, or why it cannot be asked now. */
  readonly host: Host | Problem;
  /** `host` is another one. */
  readonly onDidChange: vscode.Event<void>;
}

export function isProblem(host: Host | Problem): host is Problem {
  return 'message' in host;
}

/** A file of the machine that the extension runs on. */
export function localPlace(host: Host, path: string): TracePlace {
  return {
    hostId: 'local',
    hostLabel: host.name,
    path,
    host,
    onDidChange: () => new vscode.Disposable(() => undefined),
    dispose: () => undefined,
  };
}

/** A path on one of the viewed hosts, whether it is connected, or there at all, or not. */
export class ViewedPlace implements TracePlace {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #listChanged: vscode.Disposable;
  #statusChanged: vscode.Disposable | undefined;
  #viewed: ViewedHost | undefined;

  constructor(
    private readonly hosts: ViewedHosts,
    readonly hostId: string,
    readonly path: string,
  ) {
    this.#find();
    this.#listChanged = hosts.onDidChange(() => {
      if (this.hosts.find(hostId) === this.#viewed) return;
      this.#find();
      this.#changed.fire();
    });
  }

  get hostLabel(): string {
    return this.#viewed?.label ?? this.hostId;
  }

  get host(): Host | Problem {
    if (this.#viewed !== undefined) return hostOf(this.#viewed.status, this.#viewed.label);
    return {
      message: vscode.l10n.t('There is no host {0} any more.', this.hostId),
      hint: vscode.l10n.t('Add it in the Sidestep view: the trace is then read by itself.'),
    };
  }

  dispose(): void {
    this.#listChanged.dispose();
    this.#statusChanged?.dispose();
    this.#changed.dispose();
  }

  #find(): void {
    this.#statusChanged?.dispose();
    this.#viewed = this.hosts.find(this.hostId);
    this.#statusChanged = this.#viewed?.onDidChangeStatus(() => {
      this.#changed.fire();
    });
  }
}

function hostOf(status: HostStatus, label: string): Host | Problem {
  switch (status.state) {
    case 'connected':
      return status.engine.host;
    case 'connecting':
      return { message: vscode.l10n.t('Connecting to {0}…', label) };
    case 'disconnected':
      return { message: vscode.l10n.t('{0} is not connected.', label), hint: connectHint() };
    case 'reconnecting': {
      const { message: reason } = asSidestepError(status.error);
      return {
        message: vscode.l10n.t('The connection to {0} was lost: {1}', label, reason),
        hint: vscode.l10n.t('It is tried again; what is shown ends where it was lost.'),
      };
    }
    case 'failed': {
      const { message: reason } = asSidestepError(status.error);
      const message = vscode.l10n.t('{0} cannot be connected: {1}', label, reason);
      return { message, hint: connectHint() };
    }
  }
}

function connectHint(): string {
  return vscode.l10n.t('Connect it in the Sidestep view: the trace is then read by itself.');
}
