/**
 * Migrations that a client has left behind (a window that was killed, a connection that broke) are
 * brought to their end as soon as their host is connected. What is certain at once is not asked about.
 */
import * as vscode from 'vscode';
import type { Engine } from '../engine/engine';
import { isHostLost } from '../engine/migration/failures';
import type { Recovery } from '../engine/recovery/recover';
import type { ViewedHost, ViewedHosts } from '../views/hosts';
import type { Timelines } from '../views/timeline-panel/register-timeline';
import type { Log } from './log';
import { showMessage, tellError } from './notify';
import { withCancellableProgress } from './progress';
import { shortName } from './safe-text';

export class Recoveries implements vscode.Disposable {
  /** Each connection is looked at once. */
  readonly #seen = new WeakSet<Engine>();
  readonly #ofHosts = new Map<ViewedHost, vscode.Disposable>();
  readonly #listener: vscode.Disposable;
  readonly #disposed = new AbortController();

  constructor(
    private readonly hosts: ViewedHosts,
    private readonly timelines: Timelines,
    private readonly log: Log,
    /** The host's rows are no longer as they are. */
    private readonly refresh: (hostId: string) => void,
  ) {
    this.#listener = hosts.onDidChange(() => {
      this.#listen();
    });
    this.#listen();
  }

  dispose(): void {
    this.#disposed.abort();
    this.#listener.dispose();
    for (const listener of this.#ofHosts.values()) listener.dispose();
  }

  #listen(): void {
    for (const [host, listener] of this.#ofHosts) {
      if (this.hosts.all.includes(host)) continue;
      listener.dispose();
      this.#ofHosts.delete(host);
    }
    for (const host of this.hosts.all) {
      if (this.#ofHosts.has(host)) continue;
      const look = () => {
        void this.#look(host);
      };
      this.#ofHosts.set(host, host.onDidChangeStatus(look));
      look();
    }
  }

  async #look(host: ViewedHost): Promise<void> {
    if (host.status.state !== 'connected') return;
    const { engine } = host.status;
    if (this.#seen.has(engine)) return;
    this.#seen.add(engine);
    const connection = new AbortController();
    const listener = host.onDidChangeStatus(() => {
      const { status } = host;
      if (status.state !== 'connected' || status.engine !== engine) connection.abort();
    });
    const signal = AbortSignal.any([connection.signal, this.#disposed.signal]);
    try {
      for (;;) {
        const others = await engine.migratedByOthers();
        await this.#recover(host, engine);
        if (others.length === 0) break;
        // A window that is reloaded comes back before its old self is gone.
        await engine.othersLeave(others, signal);
        this.refresh(host.id);
      }
    } catch (error) {
      // That the host is gone, its row says.
      if (signal.aborted || isHostLost(error)) return;
      const about = vscode.l10n.t('A migration on {0} that was cut off:', shortName(host.label));
      tellError(error, this.log, { about });
    } finally {
      listener.dispose();
    }
  }

  async #recover(host: ViewedHost, engine: Engine): Promise<void> {
    for (const recovery of await engine.recoverAll()) this.#tell(host, recovery);
    await Promise.all(
      (await engine.cutOff()).map(async ({ uuid, name }) => {
        const title = vscode.l10n.t(
          'A migration of {0} was left to QEMU, which is still at it',
          shortName(name),
        );
        const recovery = await withCancellableProgress(title, (signal) =>
          engine.recover(uuid, { signal }),
        );
        if (recovery !== undefined) this.#tell(host, recovery);
      }),
    );
  }

  #tell(host: ViewedHost, recovery: Recovery): void {
    const { domain, outcome, takenBack, tracePath } = recovery;
    const name = shortName(domain.name);
    const missing = takenBack.filter(({ error }) => error !== undefined);
    const texts = {
      moved: vscode.l10n.t(
        'A migration of {0} was cut off. The guest had moved: it is finished.',
        name,
      ),
      stayed: vscode.l10n.t(
        'A migration of {0} was cut off. The guest had not moved: it is undone.',
        name,
      ),
      lost: vscode.l10n.t(
        'A migration of {0} was cut off, and no process has the guest any more.',
        name,
      ),
    };
    const text = [
      texts[outcome],
      ...whoseNow(recovery),
      ...missing.map(({ what, address }) =>
        vscode.l10n.t('Not taken back: {0} {1}.', what, address),
      ),
    ].join(' ');
    const severity = outcome === 'lost' ? 'error' : missing.length > 0 ? 'warning' : 'info';
    void showMessage(severity, text, [
      {
        label: vscode.l10n.t('Open Timeline'),
        run: () => {
          this.timelines.open(host.id, tracePath, name);
        },
      },
    ]);
  }
}

/** A domain that came from libvirt is libvirt's again, or has both ways open. */
function whoseNow({ domain, outcome, isLibvirts }: Recovery): string[] {
  if (domain.libvirt === undefined || outcome === 'lost') return [];
  return [
    isLibvirts
      ? vscode.l10n.t('libvirt has it.')
      : vscode.l10n.t('It is a domain of Sidestep’s, and can be handed back to libvirt.'),
  ];
}
