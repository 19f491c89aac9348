/**
 * All actions. package.json's commands and menus follow from this table (`npm run contributions`
 * writes them, a test compares), and so do the commands that are registered.
 *
 * The words in `viewItem` are those of src/views/tree/context-values.ts.
 */
import type { Action, MenuPlace } from './action';

const domainsView = 'view == sidestep.domains';
const launchScript = 'resourceScheme =~ /^(file|untitled|vscode-remote)$/';
const scriptLanguage = `resourceLangId =~ /^(shellscript|plaintext|log)$/ && ${launchScript}`;
const planDocument = 'resourceScheme == sidestep-plan && resourceExtname == .plan';

/** On nodes of the tree: a regular expression for their context value. */
function onNodes(pattern: RegExp, group: string): MenuPlace {
  return {
    menu: 'view/item/context',
    when: `${domainsView} && viewItem =~ ${pattern.toString()}`,
    group,
  };
}

/** As a button in the node's row, and in its menu. */
function inRowOf(pattern: RegExp, order: number, group: string): MenuPlace[] {
  return [onNodes(pattern, `inline@${order}`), onNodes(pattern, group)];
}

function inTitle(group: string): MenuPlace {
  return { menu: 'view/title', when: domainsView, group };
}

const host = {
  ssh: /^host ssh /,
  away: /^host \w+ (disconnected|failed|reconnecting)$/,
  near: /^host ssh (connecting|connected|reconnecting)$/,
  connected: /^host \w+ connected$/,
};
const domain = {
  movable: /^domain (running|paused) (own|libvirt)/,
  /** From libvirt, and not libvirt's now. */
  returnable: /^domain (running|paused) own from-libvirt$/,
  running: /^domain running (own|libvirt)/,
  paused: /^domain paused (own|libvirt)/,
  startable: /^domain shut_off libvirt/,
  /** With a process, or what is left of one. */
  endable: /^domain (\w+ own|(?!shut_off)\w+ libvirt)/,
  liveXml: /^domain (?!shut_off)\w+ libvirt/,
  persistentXml: /^domain \w+ libvirt persistent/,
  migrating: /^domain migrating /,
  libvirts: /^domain \w+ libvirt /,
};
const withMonitor = /^(domain (?!gone)\w+ own( from-libvirt)?|instance \w+ alive)$/;
const instance = /^instance /;

export const actions: readonly Action[] = [
  {
    id: 'sidestep.addHost',
    title: 'Add SSH Host…',
    icon: 'add',
    menus: [inTitle('navigation@1')],
    load: async () => (await import('./edit-host')).addHost,
  },
  {
    id: 'sidestep.editHost',
    title: 'Edit SSH Host…',
    menus: [onNodes(host.ssh, '3_host@1')],
    load: async () => (await import('./edit-host')).editHost,
  },
  {
    id: 'sidestep.removeHost',
    title: 'Remove SSH Host…',
    menus: [onNodes(host.ssh, '3_host@2')],
    load: async () => (await import('./edit-host')).removeHost,
  },
  {
    id: 'sidestep.connect',
    title: 'Connect',
    icon: 'plug',
    menus: inRowOf(host.away, 1, '1_connection@1'),
    load: async () => (await import('./connect')).connect,
  },
  {
    id: 'sidestep.disconnect',
    title: 'Disconnect',
    icon: 'debug-disconnect',
    menus: inRowOf(host.near, 2, '1_connection@2'),
    load: async () => (await import('./connect')).disconnect,
  },
  {
    id: 'sidestep.forgetSecrets',
    title: 'Forget Remembered Passwords and Passphrases',
    isHarmless: true,
    load: async () => (await import('./connect')).forgetSecrets,
  },
  {
    id: 'sidestep.refresh',
    title: 'Refresh',
    icon: 'refresh',
    menus: [inTitle('navigation@2'), onNodes(/^(host|emulators|traces|note)/, '9_refresh@1')],
    load: async () => (await import('./refresh')).refresh,
  },
  {
    id: 'sidestep.startDomain',
    title: 'Start Domain…',
    icon: 'play',
    menus: inRowOf(host.connected, 1, '2_domains@1'),
    load: async () => (await import('./start-domain')).startDomain,
  },
  {
    id: 'sidestep.startLaunchScript',
    title: 'Start a Domain from This Launch Script…',
    palette: `editorLangId && ${launchScript}`,
    menus: [
      { menu: 'editor/context', group: 'z_sidestep@1', when: scriptLanguage },
      {
        menu: 'explorer/context',
        group: 'z_sidestep@1',
        when: `!explorerResourceIsFolder && ${scriptLanguage}`,
      },
    ],
    load: async () => (await import('./start-domain')).startLaunchScript,
  },
  {
    id: 'sidestep.adopt',
    title: 'Adopt a Running QEMU…',
    menus: [onNodes(host.connected, '2_domains@2')],
    load: async () => (await import('./adopt')).adopt,
  },
  {
    id: 'sidestep.migrate',
    title: 'Migrate Locally…',
    icon: 'arrow-swap',
    menus: inRowOf(domain.movable, 1, '1_migrate@1'),
    load: async () => (await import('./migrate')).migrate,
  },
  {
    id: 'sidestep.handBack',
    title: 'Hand Back to libvirt',
    icon: 'reply',
    menus: inRowOf(domain.returnable, 2, '1_migrate@2'),
    load: async () => (await import('./hand-back')).handBack,
  },
  {
    id: 'sidestep.cancelMigration',
    title: 'Cancel Migration',
    icon: 'stop-circle',
    palette: 'sidestep.migrating',
    menus: inRowOf(domain.migrating, 2, '1_migrate@3'),
    load: async () => (await import('./migrate')).cancelMigration,
  },
  {
    id: 'sidestep.openTrace',
    title: 'Open Timeline',
    isHarmless: true,
    icon: 'graph-line',
    menus: [...inRowOf(domain.migrating, 1, '1_migrate@4'), ...inRowOf(/^trace /, 1, '1_trace@1')],
    load: async () => (await import('./traces')).openTrace,
  },
  {
    id: 'sidestep.showPlan',
    title: 'Show Migration Plan…',
    icon: 'checklist',
    menus: [onNodes(domain.movable, '1_migrate@5')],
    load: async () => (await import('./plan')).showPlan,
  },
  {
    id: 'sidestep.compareCommandLines',
    title: 'Compare the Two Command Lines of a Migration',
    icon: 'diff',
    menus: [
      onNodes(domain.movable, '1_migrate@6'),
      { menu: 'editor/context', group: 'z_sidestep@2', when: planDocument },
      { menu: 'editor/title', group: 'navigation', when: planDocument },
    ],
    load: async () => (await import('./plan')).compareCommandLines,
  },
  {
    id: 'sidestep.planLaunchScript',
    title: 'Plan a Local Migration of This Launch Script…',
    palette: `editorLangId && ${launchScript}`,
    menus: [
      { menu: 'editor/context', group: 'z_sidestep@2', when: scriptLanguage },
      {
        menu: 'explorer/context',
        group: 'z_sidestep@2',
        when: `!explorerResourceIsFolder && ${scriptLanguage}`,
      },
    ],
    load: async () => (await import('./plan')).planLaunchScript,
  },
  {
    id: 'sidestep.start',
    title: 'Start',
    icon: 'play',
    menus: inRowOf(domain.startable, 3, '2_run@1'),
    load: async () => (await import('./run-state')).start,
  },
  {
    id: 'sidestep.pause',
    title: 'Pause',
    icon: 'debug-pause',
    menus: inRowOf(domain.running, 3, '2_run@1'),
    load: async () => (await import('./run-state')).pause,
  },
  {
    id: 'sidestep.resume',
    title: 'Resume',
    icon: 'debug-continue',
    menus: inRowOf(domain.paused, 3, '2_run@1'),
    load: async () => (await import('./run-state')).resume,
  },
  {
    id: 'sidestep.stop',
    title: 'Shut Down',
    menus: [onNodes(domain.running, '2_run@2')],
    load: async () => (await import('./run-state')).stop,
  },
  {
    id: 'sidestep.destroy',
    title: 'Destroy…',
    menus: [onNodes(domain.endable, '2_run@3')],
    load: async () => (await import('./run-state')).destroy,
  },
  {
    id: 'sidestep.openConsole',
    title: 'Open QMP Console',
    icon: 'terminal',
    menus: [onNodes(withMonitor, '3_look@1')],
    load: async () => (await import('./instances')).openConsole,
  },
  {
    id: 'sidestep.showStatus',
    title: 'Show Instance Status',
    menus: [onNodes(withMonitor, '3_look@2')],
    load: async () => (await import('./instances')).showStatus,
  },
  {
    id: 'sidestep.showCommandLine',
    title: 'Show Instance Command Line',
    menus: [onNodes(domain.endable, '3_look@3'), onNodes(instance, '3_look@3')],
    load: async () => (await import('./instances')).showCommandLine,
  },
  {
    id: 'sidestep.showLiveXml',
    title: 'Show Live XML',
    icon: 'code',
    menus: [onNodes(domain.liveXml, '3_look@4')],
    load: async () => (await import('./instances')).showLiveXml,
  },
  {
    id: 'sidestep.showPersistentXml',
    title: 'Show Persistent XML',
    menus: [onNodes(domain.persistentXml, '3_look@5')],
    load: async () => (await import('./instances')).showPersistentXml,
  },
  {
    id: 'sidestep.copyPath',
    title: 'Copy Path or Address',
    icon: 'copy',
    menus: [...inRowOf(/^path /, 2, '1_path@1'), onNodes(/^(emulator|trace) /, '8_path@1')],
    load: async () => (await import('./paths')).copyPath,
  },
  {
    id: 'sidestep.revealPath',
    title: 'Reveal File',
    icon: 'go-to-file',
    menus: [...inRowOf(/^path file /, 1, '1_path@2')],
    load: async () => (await import('./paths')).revealPath,
  },
  {
    id: 'sidestep.followLog',
    title: 'Follow Log',
    icon: 'output',
    menus: [...inRowOf(/^path file \S+ (logs|chardevs)$/, 0, '1_path@3')],
    load: async () => (await import('./paths')).followLog,
  },
  {
    id: 'sidestep.listen',
    title: 'Listen to QMP',
    icon: 'record',
    menus: [onNodes(domain.libvirts, '3_look@0')],
    load: async () => (await import('./listen')).listen,
  },
  {
    id: 'sidestep.stopListening',
    title: 'Stop Listening to QMP',
    palette: 'sidestep.listening',
    load: async () => (await import('./listen')).stopListening,
  },
  {
    id: 'sidestep.openLibvirtLog',
    title: 'Open libvirt Log as Timeline…',
    isHarmless: true,
    menus: [
      {
        menu: 'explorer/context',
        group: 'z_sidestep@3',
        when: '!explorerResourceIsFolder && resourceExtname == .log',
      },
    ],
    load: async () => (await import('./libvirt-log')).openLibvirtLog,
  },
  {
    id: 'sidestep.saveTrace',
    title: 'Save Trace As…',
    menus: [onNodes(/^trace /, '2_trace@1')],
    load: async () => (await import('./traces')).saveTrace,
  },
  {
    id: 'sidestep.saveBugReport',
    title: 'Save Bug Report…',
    menus: [onNodes(/^trace /, '2_trace@3')],
    load: async () => (await import('./traces')).saveBugReport,
  },
  {
    id: 'sidestep.deleteTrace',
    title: 'Delete Trace…',
    menus: [onNodes(/^trace (?!unfinished)/, '2_trace@2')],
    load: async () => (await import('./traces')).deleteTrace,
  },
  {
    id: 'sidestep.showLog',
    title: 'Show Log',
    isHarmless: true,
    load: async () => (await import('./refresh')).showLog,
  },
];
