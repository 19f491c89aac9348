/** The hosts that the views show, and how each stands. What connects them is the extension's. */
import type * as vscode from 'vscode';
import type { Engine } from '../engine/engine';

export type HostStatus =
  | { readonly state: 'disconnected' }
  | { readonly state: 'connecting' }
  | { readonly state: 'connected'; readonly engine: Engine }
  /** It was lost and is tried again by itself. `error` is what lost it, or the last try's failure. */
  | { readonly state: 'reconnecting'; readonly attempt: number; readonly error: unknown }
  | { readonly state: 'failed'; readonly error: unknown };

export interface ViewedHost {
  /** Stable: `local`, or the id in the settings. */
  readonly id: string;
  /** As the user calls it. */
  readonly label: string;
  /** Where it is: `user@host:port`, undefined for this machine. */
  readonly destination: string | undefined;
  readonly status: HostStatus;
  readonly onDidChangeStatus: vscode.Event<void>;
}

export interface ViewedHosts {
  /** This machine first, then in the user's order. */
  readonly all: readonly ViewedHost[];
  /** A host was added, removed or renamed. */
  readonly onDidChange: vscode.Event<void>;
  find(id: string): ViewedHost | undefined;
}
