/**
 * Domains of libvirt's that this window listens to: each has a timeline and an item in the status bar,
 * and what its libvirt logs is put back when that ends.
 */
import * as vscode from 'vscode';
import type { Timelines } from '../views/timeline-panel/register-timeline';
import type { DomainSubject } from './actions/subjects';
import type { Log } from './log';
import { tellError } from './notify';
import { asLabel, shortName } from './safe-text';

/** For menus: whether this window listens to anything. */
const listeningKey = 'sidestep.listening';

export interface RunningListener {
  readonly subject: DomainSubject;
  readonly end: AbortController;
  /** Undefined until its libvirt logs. */
  tracePath: string | undefined;
}

export class Listeners {
  readonly #running = new Map<string, RunningListener>();
  readonly #ends = new Set<Promise<void>>();

  constructor(
    private readonly timelines: Timelines,
    private readonly log: Log,
  ) {}

  /** In the order of their start. */
  get running(): readonly RunningListener[] {
    return [...this.#running.values()];
  }

  /** Shows the timeline of what is heard; of a domain that is listened to already, the one it has. */
  start(subject: DomainSubject): void {
    const key = JSON.stringify([subject.host.id, subject.connection, subject.uuid]);
    const known = this.#running.get(key);
    if (known !== undefined) {
      this.#show(known);
      return;
    }
    const listener: RunningListener = { subject, end: new AbortController(), tracePath: undefined };
    this.#running.set(key, listener);
    tellMenus(this.#running.size);
    const end = this.#listen(listener).finally(() => {
      this.#running.delete(key);
      this.#ends.delete(end);
      tellMenus(this.#running.size);
    });
    this.#ends.add(end);
  }

  /** All of them; resolves when what libvirt logs is what it was before. */
  async endAll(): Promise<void> {
    for (const { end } of this.#running.values()) end.abort();
    await Promise.all(this.#ends);
  }

  /** Never rejects. */
  async #listen(listener: RunningListener): Promise<void> {
    const { subject, end } = listener;
    const name = shortName(subject.name);
    const status = statusItem(name);
    try {
      await subject.engine.listen(subject.named, {
        signal: end.signal,
        onListening: (tracePath) => {
          listener.tracePath = tracePath;
          this.#show(listener);
        },
      });
    } catch (error) {
      const about = vscode.l10n.t('{0} is not listened to any more.', name);
      tellError(error, this.log, { about });
    } finally {
      status.dispose();
    }
  }

  #show({ subject, tracePath }: RunningListener): void {
    if (tracePath !== undefined) this.timelines.open(subject.host.id, tracePath, subject.name);
  }
}

function statusItem(name: string): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem('sidestep.listening');
  item.name = vscode.l10n.t('Sidestep: Listening to QMP');
  item.text = `$(record) QMP: ${asLabel(name, 24)}`;
  item.tooltip = vscode.l10n.t('Listening to the QMP traffic of {0}. Click to stop.', name);
  item.command = 'sidestep.stopListening';
  item.show();
  return item;
}

function tellMenus(count: number): void {
  void vscode.commands.executeCommand('setContext', listeningKey, count > 0);
}
