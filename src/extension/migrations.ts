/**
 * The migrations of this window: their progress, the status bar, their timelines, and how each ended.
 * A window that is closed leaves them to QEMU.
 */
import * as vscode from 'vscode';
import type { MigrationReport } from '../engine/migration/migrate';
import type { Mode } from '../engine/mode';
import { formatBytes, formatDuration, formatRate } from '../engine/text/units';
import { afterRecord, notBegun, type MigrationProgress } from '../engine/trace/progress';
import type { Outcome, TraceRecord } from '../engine/trace/record';
import type { HopKind } from '../engine/trace/hops';
import type { Timelines } from '../views/timeline-panel/register-timeline';
import type { DomainSubject } from './actions/subjects';
import { configuration } from './configuration';
import type { Log } from './log';
import { showMessage, tellError, type Button } from './notify';
import { asLabel, shortName } from './safe-text';
import { asUserError, isCancellation } from './user-error';

/** For menus: whether there is a migration of this window to be cancelled. */
const migratingKey = 'sidestep.migrating';
const redrawEveryMs = 100;

export interface MigrationWish {
  /** Path on the host; the source's own if not given. */
  readonly emulator: string | undefined;
  readonly mode: Mode | 'auto';
}

interface Running {
  readonly subject: DomainSubject;
  readonly abort: AbortController;
  tracePath: string | undefined;
}

export class Migrations {
  readonly #running = new Map<string, Running>();

  constructor(
    private readonly timelines: Timelines,
    private readonly log: Log,
  ) {}

  /** Those under way, in the order of their start. */
  get running(): readonly Running[] {
    return [...this.#running.values()];
  }

  find(hostId: string, uuid: string): Running | undefined {
    return this.#running.get(keyOf(hostId, uuid));
  }

  /**
   * Migrates a domain to its end, and tells the user how that went. Never rejects.
   * @returns the report of a guest that has moved
   */
  async run(subject: DomainSubject, wish: MigrationWish): Promise<MigrationReport | undefined> {
    const key = keyOf(subject.host.id, subject.uuid);
    const name = shortName(subject.name);
    if (this.#running.has(key)) {
      void showMessage('info', vscode.l10n.t('{0} is being migrated already.', name));
      return undefined;
    }
    const running: Running = { subject, abort: new AbortController(), tracePath: undefined };
    this.#running.set(key, running);
    this.#tellMenus();
    try {
      const report = await this.#withProgress(running, wish);
      this.#tellSuccess(running, name, report);
      return report;
    } catch (error) {
      this.#tellFailure(running, error);
      return undefined;
    } finally {
      this.#running.delete(key);
      this.#tellMenus();
    }
  }

  #withProgress(running: Running, wish: MigrationWish): Thenable<MigrationReport> {
    const { subject, abort } = running;
    const name = shortName(subject.name);
    const location = vscode.ProgressLocation.Notification;
    const title = vscode.l10n.t('Migrating {0}', name);
    return vscode.window.withProgress(
      { location, title, cancellable: true },
      async (notification, token) => {
        const cancelling = token.onCancellationRequested(() => {
          abort.abort();
        });
        const status = statusItem(subject);
        const drawing = new Drawing((progress) => {
          const words = progressWords(progress);
          notification.report({ message: words });
          status.text = `$(sync~spin) ${asLabel(name, 24)}: ${words}`;
        });
        try {
          return await this.#migrate(running, wish, drawing.hear);
        } finally {
          drawing.dispose();
          status.dispose();
          cancelling.dispose();
        }
      },
    );
  }

  #migrate(
    running: Running,
    { emulator, mode }: MigrationWish,
    onRecord: (record: TraceRecord) => void,
  ): Promise<MigrationReport> {
    const { subject, abort } = running;
    const timeout = configuration('migrate.timeout');
    return subject.engine.migrate(
      { domain: subject.uuid, emulator, mode },
      {
        signal: abort.signal,
        ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }),
        onRecord,
        onTrace: ({ path }) => {
          running.tracePath = path;
          this.log.info(`Migration of ${subject.name} on ${subject.host.label}: ${path}`);
          if (configuration('migrate.openTimeline')) this.#openTimeline(running);
        },
      },
    );
  }

  #tellSuccess(running: Running, name: string, report: MigrationReport): void {
    const missing = report.takenBack.filter(({ error }) => error !== undefined);
    const text = [
      successText(name, report),
      ...missing.map(({ what, address, error = '' }) =>
        vscode.l10n.t('Not taken back: {0} {1}: {2}', what, address, error),
      ),
    ].join(' ');
    const severity = missing.length === 0 ? 'info' : 'warning';
    void showMessage(severity, text, this.#timelineButton(running));
  }

  #tellFailure(running: Running, error: unknown): void {
    const { outcome, trace } = asUserError(error);
    running.tracePath ??= trace;
    const name = shortName(running.subject.name);
    const buttons = this.#timelineButton(running);
    if (isCancellation(error)) {
      this.log.info(`Migration of ${running.subject.name} was cancelled`);
      const text = vscode.l10n.t('The migration of {0} was cancelled: it is where it was.', name);
      void showMessage('info', text, buttons);
    } else tellError(error, this.log, { about: failureText(name, outcome), buttons });
  }

  #timelineButton(running: Running): Button[] {
    if (running.tracePath === undefined) return [];
    return [
      {
        label: vscode.l10n.t('Open Timeline'),
        run: () => {
          this.#openTimeline(running);
        },
      },
    ];
  }

  #openTimeline({ subject, tracePath }: Running): void {
    if (tracePath !== undefined) this.timelines.open(subject.host.id, tracePath, subject.name);
  }

  #tellMenus(): void {
    void vscode.commands.executeCommand('setContext', migratingKey, this.#running.size > 0);
  }
}

function keyOf(hostId: string, uuid: string): string {
  return JSON.stringify([hostId, uuid]);
}

/** Draws as often as can be read, and at the end no more. */
class Drawing {
  #progress = notBegun;
  #drawn: MigrationProgress | undefined;
  readonly #timer = setInterval(() => {
    this.#draw();
  }, redrawEveryMs);

  constructor(private readonly draw: (progress: MigrationProgress) => void) {
    this.#draw();
  }

  readonly hear = (record: TraceRecord): void => {
    this.#progress = afterRecord(this.#progress, record);
  };

  dispose(): void {
    clearInterval(this.#timer);
  }

  #draw(): void {
    if (this.#drawn === this.#progress) return;
    this.#drawn = this.#progress;
    this.draw(this.#progress);
  }
}

function statusItem({ host, uuid, name }: DomainSubject): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(
    `sidestep.migration.${uuid}`,
    vscode.StatusBarAlignment.Left,
  );
  item.name = vscode.l10n.t('Sidestep: Migration');
  item.tooltip = vscode.l10n.t('Open the timeline of this migration');
  item.command = {
    title: vscode.l10n.t('Open Timeline'),
    command: 'sidestep.openTrace',
    arguments: [{ kind: 'domain', hostId: host.id, uuid, name }],
  };
  item.show();
  return item;
}

function progressWords({ hop, phase, phaseNumber, mode, ram }: MigrationProgress): string {
  if (phase === undefined) return vscode.l10n.t('looking at the domain');
  const title = `${phase.charAt(0).toUpperCase()}${phase.slice(1)}`;
  return [
    ...(hop === undefined ? [] : [hopWords(hop)]),
    `${phaseNumber}/5 ${title}`,
    ...(mode === undefined ? [] : [mode]),
    ...(phase === 'perform' && ram !== undefined
      ? [
          vscode.l10n.t('{0} % of {1}', ram.percent, formatBytes(ram.total)),
          ...(ram.mbps === undefined ? [] : [formatRate(ram.mbps)]),
          ...(ram.pass > 1 ? [vscode.l10n.t('pass {0}', ram.pass)] : []),
        ]
      : []),
  ].join(' · ');
}

function hopWords(hop: HopKind): string {
  return hop === 'from-libvirt' ? vscode.l10n.t('to Sidestep') : vscode.l10n.t('back to libvirt');
}

function successText(name: string, { target, summary }: MigrationReport): string {
  const { downtimeUs, totalUs = 0 } = summary;
  return downtimeUs === undefined
    ? vscode.l10n.t(
        '{0} has moved to QEMU {1}, paused as it was: {2} in all.',
        name,
        target.version,
        formatDuration(totalUs),
      )
    : vscode.l10n.t(
        '{0} has moved to QEMU {1}: {2} of downtime, {3} in all.',
        name,
        target.version,
        formatDuration(downtimeUs),
        formatDuration(totalUs),
      );
}

function failureText(name: string, outcome: Outcome | undefined): string {
  switch (outcome) {
    case 'refused':
      return vscode.l10n.t('{0} was not migrated, and nothing was changed.', name);
    case 'stayed':
    case 'moved':
      return vscode.l10n.t('{0} was not migrated.', name);
    case 'lost':
      return vscode.l10n.t('{0} was lost in the migration.', name);
    case 'undecided':
    case undefined:
      return vscode.l10n.t('The migration of {0} did not come to a clear end.', name);
  }
}
