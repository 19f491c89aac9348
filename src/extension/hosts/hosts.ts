/** The hosts: this machine, and those of the setting `sidestep.hosts`. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import type { ViewedHosts } from '../../views/hosts';
import { configuration } from '../configuration';
import type { Log } from '../log';
import { localHostId, parseHosts, settingsEntry, type HostSettings } from './host-settings';
import { ManagedHost } from './managed-host';
import type { OpenFunction } from './host-link';

/** Ids of the hosts that the user had connected in this window. */
const connectedKey = 'sidestep.connectedHosts';

/** Within this, VS Code tells of what was written to the settings; in ms. */
const settingsTellMs = 10_000;

export interface HostsSetting {
  readonly log: Log;
  readonly workspaceState: vscode.Memento;
  readonly openSsh: (settings: HostSettings) => OpenFunction;
  /** Told once for each state of the settings. */
  readonly onProblems: (problems: readonly string[]) => void;
}

export class Hosts implements ViewedHosts, vscode.Disposable {
  readonly #setting: HostsSetting;
  readonly local: ManagedHost;
  #remote: readonly ManagedHost[] = [];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #configurationListener: vscode.Disposable;

  constructor(setting: HostsSetting) {
    this.#setting = setting;
    this.local = new ManagedHost({
      id: localHostId,
      label: vscode.l10n.t('This machine'),
      settings: undefined,
      log: setting.log,
      mayPass: () => false,
      open: async () => {
        const { openLocal } = await import('./open-local');
        return openLocal(configuration('stateFolder'));
      },
    });
    this.#read();
    this.#configurationListener = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('sidestep.stateFolder')) void this.#reopenLocal();
      if (!event.affectsConfiguration('sidestep.hosts')) return;
      this.#read();
      this.#changed.fire();
    });
  }

  get all(): readonly ManagedHost[] {
    return [this.local, ...this.#remote];
  }

  find(id: string): ManagedHost | undefined {
    return this.all.find((host) => host.id === id);
  }

  get settings(): readonly HostSettings[] {
    return this.#remote.flatMap(({ settings }) => settings ?? []);
  }

  /**
   * Connects this machine, and those that the user had connected when the window was closed; asks
   * nothing. A failure is the host's status.
   */
  async restore(): Promise<void> {
    const connected = this.#connectedBefore();
    await Promise.allSettled(
      this.all
        .filter(({ id }) => id === localHostId || connected.has(id))
        .map((host) => host.connect({ mayAsk: false })),
    );
  }

  /** Connects, asking the user what has to be asked, and once more after the next reload of the window. */
  async connect(host: ManagedHost, signal: AbortSignal): Promise<Engine> {
    const engine = await host.connect({ mayAsk: true, signal });
    await this.#remember(host.id, true);
    return engine;
  }

  async disconnect(host: ManagedHost): Promise<void> {
    await this.#remember(host.id, false);
    await host.disconnect();
  }

  /** This window goes away: its migrations are left to QEMU, or cancelled. Never rejects. */
  async leave(): Promise<void> {
    await Promise.all(
      this.all.flatMap(({ status }) =>
        status.state === 'connected' ? [status.engine.leave()] : [],
      ),
    );
  }

  /** Writes the hosts to the user's settings; those that cannot be read stay as they are. */
  async write(
    change: (entries: readonly HostSettings[]) => readonly HostSettings[],
  ): Promise<void> {
    const setting = vscode.workspace.getConfiguration('sidestep');
    const { hosts, problems } = parseHosts(setting.get('hosts'));
    const entries = [...change(hosts).map(settingsEntry), ...problems.map(({ entry }) => entry)];
    await setting.update('hosts', entries, vscode.ConfigurationTarget.Global);
  }

  /**
   * A host as it was just written to the settings, as soon as VS Code has told of it; undefined if
   * it does not, for another setting hides this one.
   */
  async whenThere(settings: HostSettings): Promise<ManagedHost | undefined> {
    const find = () => this.#remote.find((host) => isSame(host.settings, settings));
    const found = find();
    if (found !== undefined) return found;
    return new Promise((resolve) => {
      const done = (host?: ManagedHost) => {
        listener.dispose();
        clearTimeout(timer);
        resolve(host);
      };
      const listener = this.onDidChange(() => {
        const host = find();
        if (host !== undefined) done(host);
      });
      const timer = setTimeout(done, settingsTellMs);
    });
  }

  dispose(): void {
    this.#configurationListener.dispose();
    this.#changed.dispose();
    for (const host of this.all) host.dispose();
  }

  /** Hosts that are as they were stay connected. */
  #read(): void {
    const { hosts, problems } = parseHosts(
      vscode.workspace.getConfiguration('sidestep').get('hosts'),
    );
    const before = this.#remote;
    this.#remote = hosts.map(
      (settings) => before.find((host) => isSame(host.settings, settings)) ?? this.#host(settings),
    );
    for (const host of before) {
      if (this.#remote.includes(host)) continue;
      // Only something about it has changed: it is connected again, if that needs no questions.
      const { state } = host.status;
      if (state !== 'disconnected' && state !== 'failed') {
        void this.find(host.id)?.connect({ mayAsk: false }).catch(failureIsStatus);
      }
      host.dispose();
    }
    if (problems.length > 0) this.#setting.onProblems(problems.map(({ message }) => message));
  }

  async #reopenLocal(): Promise<void> {
    await this.local.disconnect();
    await this.local.connect({ mayAsk: false }).catch(failureIsStatus);
  }

  #host(settings: HostSettings): ManagedHost {
    const { log, openSsh } = this.#setting;
    return new ManagedHost({
      id: settings.id,
      label: settings.name,
      settings,
      log,
      open: openSsh(settings),
      mayPass,
    });
  }

  #connectedBefore(): Set<string> {
    return new Set(this.#setting.workspaceState.get<string[]>(connectedKey, []));
  }

  async #remember(id: string, isConnected: boolean): Promise<void> {
    const ids = this.#connectedBefore();
    if (isConnected) ids.add(id);
    else ids.delete(id);
    await this.#setting.workspaceState.update(connectedKey, [...ids]);
  }
}

/** Whether it is the connection that fails: what the user has to mend is not tried again. */
function mayPass(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (
    typeof code === 'string' &&
    ['DISCONNECTED', 'TIMEOUT', 'IO', 'SSH_UNREACHABLE', 'SSH_HANDSHAKE'].includes(code)
  );
}

/** Views show a host's status, and the log has the failure. */
function failureIsStatus(): void {
  // Nothing is left to be told.
}

function isSame(one: HostSettings | undefined, other: HostSettings): boolean {
  return isDeepStrictEqual(one, other);
}
