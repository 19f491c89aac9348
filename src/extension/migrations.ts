/**
 * The migrations of this window: their progress, the status bar, their timelines, and how each ended.
 * What becomes of them when the window is closed, or their host disconnected, is a setting.
 */
import * as vscode from 'vscode';
import { formatBytes, formatRate } from '../engine/text/units';
import { isLeftToQemu } from '../engine/migration/on-close';
import {
  afterRecord,
  notBegun,
  phaseTitle,
  type MigrationProgress,
} from '../engine/trace/progress';
import type { TraceRecord } from '../engine/trace/record';
import type { HopKind } from '../engine/trace/hops';
import type { Timelines } from '../views/timeline-panel/register-timeline';
import type { DomainSubject } from './actions/subjects';
import { configuration } from './configuration';
import type { Log } from './log';
import type { Move, Moved } from './moves/move';
import { showMessage, tellError, type Button } from './notify';
import { asLabel, shortName } from './safe-text';
import { asUserError, isCancellation } from './user-error';

/** For menus: whether there is a migration of this window to be cancelled. */
const migratingKey = 'sidestep.migrating';
const redrawEveryMs = 100;

interface Running {
  readonly subject: DomainSubject;
  readonly move: Move;
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

  /** Moves a domain to the end, and tells the user how that went. Never rejects. */
  async run(subject: DomainSubject, move: Move): Promise<void> {
    const key = keyOf(subject.host.id, subject.uuid);
    const name = shortName(subject.name);
    if (this.#running.has(key)) {
      void showMessage('info', vscode.l10n.t('{0} is being migrated already.', name));
      return;
    }
    const abort = new AbortController();
    const running: Running = { subject, move, abort, tracePath: undefined };
    this.#running.set(key, running);
    this.#tellMenus();
    try {
      this.#tellSuccess(running, await this.#withProgress(running));
    } catch (error) {
      this.#tellFailure(running, error, await hasBecomeOurs(running));
    } finally {
      this.#running.delete(key);
      this.#tellMenus();
    }
  }

  #withProgress(running: Running): Thenable<Moved> {
    const { subject, move, abort } = running;
    const name = shortName(subject.name);
    const location = vscode.ProgressLocation.Notification;
    const title = move.title(name);
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
          return await this.#move(running, drawing.hear);
        } finally {
          drawing.dispose();
          status.dispose();
          cancelling.dispose();
        }
      },
    );
  }

  #move(running: Running, onRecord: (record: TraceRecord) => void): Promise<Moved> {
    const { subject, move, abort } = running;
    const timeout = configuration('migrate.timeout');
    return move.run(subject, {
      signal: abort.signal,
      ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }),
      onClose: configuration('migrate.onClose'),
      onRecord,
      onTrace: ({ path }) => {
        running.tracePath = path;
        this.log.info(`Migration of ${subject.name} on ${subject.host.label}: ${path}`);
        if (configuration('migrate.openTimeline')) this.#openTimeline(running);
      },
    });
  }

  #tellSuccess(running: Running, { text: done, takenBack, isFromLibvirt }: Moved): void {
    const missing = takenBack.filter(({ error }) => error !== undefined);
    const text = [
      done,
      ...missing.map(({ what, address, error = '' }) =>
        vscode.l10n.t('Not taken back: {0} {1}: {2}', what, address, error),
      ),
    ].join(' ');
    const severity = missing.length === 0 ? 'info' : 'warning';
    void showMessage(severity, text, [
      ...this.#timelineButton(running),
      ...(isFromLibvirt ? [handBackButton(running)] : []),
    ]);
  }

  /** @param isHalfWay libvirt's domain has become Sidestep's */
  #tellFailure(running: Running, error: unknown, isHalfWay: boolean): void {
    const { subject, move } = running;
    const { code, outcome, trace } = asUserError(error);
    running.tracePath ??= trace;
    const name = shortName(subject.name);
    // Whatever the second half came to nothing for: the first one went through.
    const runsOn = outcome === 'stayed' || outcome === 'refused';
    const halfWay = isHalfWay && runsOn ? move.halfWay : undefined;
    const buttons = [
      ...(halfWay === undefined ? [] : [handBackButton(running)]),
      ...this.#timelineButton(running),
    ];
    if (isCancellation(error)) {
      this.log.info(`Migration of ${subject.name} was cancelled`);
      void showMessage('info', (halfWay ?? move).cancelled(name), buttons);
    } else if (isLeftToQemu(asUserError(error))) {
      this.log.info(`Migration of ${subject.name} was left to QEMU`);
      const text = vscode.l10n.t(
        'The migration of {0} is left to QEMU. It is confirmed when its host is connected again.',
        name,
      );
      void showMessage('info', text, this.#timelineButton(running));
    } else {
      const about =
        code === 'DOMAIN_ENDED'
          ? vscode.l10n.t('{0} has ended, and is no longer migrated.', name)
          : (halfWay?.failure(name) ?? move.failure(name, outcome));
      tellError(error, this.log, { about, buttons });
    }
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

async function hasBecomeOurs({ subject, move }: Running): Promise<boolean> {
  if (move.halfWay === undefined) return false;
  const { engine, uuid } = subject;
  // Without its host nothing is known.
  return engine.findDomain(uuid).then(
    () => true,
    () => false,
  );
}

function handBackButton({ subject: { host, uuid, name } }: Running): Button {
  const node = { kind: 'domain', hostId: host.id, uuid, name };
  return {
    label: vscode.l10n.t('Hand Back to libvirt'),
    run: () => vscode.commands.executeCommand('sidestep.handBack', node),
  };
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
  return [
    ...(hop === undefined ? [] : [hopWords(hop)]),
    `${phaseNumber}/5 ${phaseTitle(phase)}`,
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
