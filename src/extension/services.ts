/** What the actions work with. */
import type * as vscode from 'vscode';
import type { InstanceName } from '../views/documents/document-uri';
import type { InstanceDocuments } from '../views/documents/instance-documents';
import type { LogTerminals } from '../views/documents/log-follow';
import type { Timelines } from '../views/timeline-panel/register-timeline';
import type { HostFiles } from './host-files';
import type { Hosts } from './hosts/hosts';
import type { Listeners } from './listeners';
import type { Log } from './log';
import type { Migrations } from './migrations';
import type { PlanDocuments } from './plan-documents';
import type { Secrets } from './secrets';

export interface Services {
  readonly hosts: Hosts;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly migrations: Migrations;
  readonly listeners: Listeners;
  readonly timelines: Timelines;
  readonly plans: PlanDocuments;
  readonly instanceDocuments: InstanceDocuments;
  readonly hostFiles: HostFiles;
  readonly logs: LogTerminals;
  /** A folder of ours, of this machine. */
  readonly storage: vscode.Uri;
  readonly openConsole: (instance: InstanceName) => Promise<void>;
  /** Shows a host anew, or all: for what a host does not tell by itself. */
  readonly refresh: (hostId?: string) => void;
}
