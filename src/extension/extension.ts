/** What VS Code calls: puts everything in place. What an action needs is loaded at its first use. */
import * as vscode from 'vscode';
import type { Consoles } from '../views/console/consoles';
import type { InstanceName } from '../views/documents/document-uri';
import { InstanceDocuments } from '../views/documents/instance-documents';
import { LogTerminals } from '../views/documents/log-follow';
import type { ViewedHosts } from '../views/hosts';
import { registerTimeline } from '../views/timeline-panel/register-timeline';
import { registerDomainTree, type DomainTree } from '../views/tree/domain-tree';
import { registerActions } from './actions/register';
import { HostFiles } from './host-files';
import { Hosts } from './hosts/hosts';
import { Listeners } from './listeners';
import { Log } from './log';
import { Migrations } from './migrations';
import { showMessage, showSettingsButton } from './notify';
import { PlanDocuments, planScheme } from './plan-documents';
import { Recoveries } from './recoveries';
import { Secrets } from './secrets';

/** For other extensions, and for tests. */
export interface ExtensionExports {
  readonly hosts: ViewedHosts;
  readonly tree: DomainTree;
}

/** Ended before the connections to their hosts are. */
let underWay: { readonly listeners: Listeners; readonly hosts: Hosts } | undefined;

/** VS Code gives a window that is closed a few seconds for this. */
export async function deactivate(): Promise<void> {
  await Promise.all([underWay?.listeners.endAll(), underWay?.hosts.leave()]);
}

export function activate(context: vscode.ExtensionContext): ExtensionExports {
  const { subscriptions, extensionUri, workspaceState, globalState } = context;
  const log = new Log();
  const secrets = new Secrets(context.secrets, globalState);
  const hosts = new Hosts({
    log,
    workspaceState,
    openSsh: (settings) => async (options) => {
      const { openSsh } = await import('./hosts/open-ssh');
      return openSsh(settings, { ...options, secrets, log });
    },
    onProblems: (problems) => {
      const text = vscode.l10n.t(
        'The setting "sidestep.hosts" is not right: {0}.',
        problems.join('; '),
      );
      void showMessage('warning', text, [showSettingsButton('sidestep.hosts')]);
    },
  });
  let consoles: Consoles | undefined;
  const openConsole = async (instance: InstanceName, line?: string) => {
    const { Consoles } = await import('../views/console/consoles');
    consoles ??= new Consoles(hosts);
    consoles.open(instance, line);
  };
  const timelines = registerTimeline({
    extensionUri,
    hosts,
    localHost: async () => (await import('../host/local')).openLocalHost(),
    log,
    async onSendAgain({ hostId, uuid, domain, command }) {
      const { findInstance } = await import('./actions/instances');
      await openConsole(await findInstance(hosts, { hostId, uuid, name: domain }), command);
    },
  });
  const tree = registerDomainTree({ hosts, workspaceState });
  const plans = new PlanDocuments();
  const instanceDocuments = new InstanceDocuments(hosts);
  const hostFiles = new HostFiles(hosts);
  const logs = new LogTerminals(hosts);
  const migrations = new Migrations(timelines, log);
  const listeners = new Listeners(timelines, log);
  underWay = { listeners, hosts };
  subscriptions.push(
    new Recoveries(hosts, timelines, log, (hostId) => {
      void tree.refresh({ kind: 'host', hostId });
    }),
    log,
    hosts,
    timelines,
    tree,
    plans,
    instanceDocuments,
    hostFiles,
    logs,
    { dispose: () => consoles?.dispose() },
    vscode.workspace.registerTextDocumentContentProvider(planScheme, plans),
    registerActions({
      ...{
        hosts,
        secrets,
        log,
        migrations,
        listeners,
        timelines,
        plans,
        instanceDocuments,
        hostFiles,
        logs,
        openConsole,
        storage: context.globalStorageUri,
      },
      refresh: (hostId) => {
        void tree.refresh(hostId === undefined ? undefined : { kind: 'host', hostId });
      },
    }),
  );
  connectWhenTrusted(hosts, subscriptions);
  return { hosts, tree };
}

/** No host is touched before the user trusts the workspace, nor while VS Code waits for us. */
function connectWhenTrusted(hosts: Hosts, subscriptions: vscode.ExtensionContext['subscriptions']) {
  const restore = () => {
    setImmediate(() => void hosts.restore());
  };
  if (vscode.workspace.isTrusted) restore();
  else subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(restore));
}
