/** What VS Code calls: puts everything in place. What an action needs is loaded at its first use. */
import * as vscode from 'vscode';
import { openLocalHost } from '../host/local';
import { Consoles } from '../views/console/consoles';
import { InstanceDocuments } from '../views/documents/instance-documents';
import { LogTerminals } from '../views/documents/log-follow';
import { registerTimeline } from '../views/timeline-panel/register-timeline';
import { registerDomainTree } from '../views/tree/domain-tree';
import { registerActions } from './actions/register';
import { HostFiles } from './host-files';
import { Hosts } from './hosts/hosts';
import { Log } from './log';
import { Migrations } from './migrations';
import { showMessage, showSettingsButton } from './notify';
import { PlanDocuments, planScheme } from './plan-documents';
import { Secrets } from './secrets';

export function activate(context: vscode.ExtensionContext): void {
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
  const consoles = new Consoles(hosts);
  const timelines = registerTimeline({
    extensionUri,
    hosts,
    localHost: openLocalHost,
    log,
    async onSendAgain({ hostId, uuid, domain, command }) {
      const { findInstance } = await import('./actions/instances');
      consoles.open(await findInstance(hosts, { hostId, uuid, name: domain }), command);
    },
  });
  const tree = registerDomainTree({ hosts, workspaceState });
  const plans = new PlanDocuments();
  const instanceDocuments = new InstanceDocuments(hosts);
  const hostFiles = new HostFiles(hosts);
  const logs = new LogTerminals(hosts);
  const migrations = new Migrations(timelines, log);
  subscriptions.push(
    log,
    hosts,
    timelines,
    tree,
    plans,
    instanceDocuments,
    hostFiles,
    logs,
    consoles,
    vscode.workspace.registerTextDocumentContentProvider(planScheme, plans),
    registerActions({
      ...{
        hosts,
        secrets,
        log,
        migrations,
        timelines,
        plans,
        instanceDocuments,
        hostFiles,
        logs,
        consoles,
      },
      refresh: (hostId) => {
        void tree.refresh(hostId === undefined ? undefined : { kind: 'host', hostId });
      },
    }),
  );
  connectWhenTrusted(hosts, subscriptions);
}

/** No host is touched before the user trusts the workspace. */
function connectWhenTrusted(
  hosts: Hosts,
  subscriptions: vscode.ExtensionContext['subscriptions'],
): void {
  if (vscode.workspace.isTrusted) void hosts.restore();
  else {
    subscriptions.push(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        void hosts.restore();
      }),
    );
  }
}
