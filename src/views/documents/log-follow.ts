/** Logs of instances, followed in a terminal as they grow. */
import * as vscode from 'vscode';
import type { Engine } from '../../engine/engine';
import { asSidestepError } from '../../engine/errors';
import { printable } from '../../engine/text/printable';
import { HostError } from '../../host/errors';
import type { Disposable, Host } from '../../host/host';
import type { ViewedHost, ViewedHosts } from '../hosts';
import { labelText, withoutIcons } from '../text';
import { LogText } from './log-text';

/** A log on a host, as its node in the tree has it. */
export interface LogName {
  readonly hostId: string;
  /** The domain's. */
  readonly name: string;
  readonly instanceId: number;
  /** The file's path. */
  readonly address: string;
}

/** How much of what a log holds already is shown, in bytes: more than a terminal keeps. */
const shownBytes = 256 * 1024;

export class LogTerminals implements vscode.Disposable {
  /** By host and path. */
  readonly #open = new Map<string, OpenLog>();

  constructor(private readonly hosts: ViewedHosts) {}

  /** Shows a log's terminal, a new one if there is none. Its end ends the following. */
  follow(log: LogName): void {
    const key = JSON.stringify([log.hostId, log.address]);
    const host = this.hosts.find(log.hostId);
    if (host === undefined) return;
    const opened = this.#open.get(key);
    opened?.pty.tryAgain();
    const { terminal } = opened ?? this.#create(key, host, log);
    terminal.show(true);
  }

  dispose(): void {
    for (const { terminal } of this.#open.values()) terminal.dispose();
  }

  #create(key: string, host: ViewedHost, { name, instanceId, address }: LogName): OpenLog {
    const file = address.slice(address.lastIndexOf('/') + 1);
    const pty = new LogPseudoterminal(host, address, () => this.#open.delete(key));
    const terminal = vscode.window.createTerminal({
      name: withoutIcons(`${labelText(name, 30)} #${instanceId}: ${labelText(file, 30)}`),
      pty,
      iconPath: new vscode.ThemeIcon('output'),
      isTransient: true,
    });
    const opened = { terminal, pty };
    this.#open.set(key, opened);
    return opened;
  }
}

interface OpenLog {
  readonly terminal: vscode.Terminal;
  readonly pty: LogPseudoterminal;
}

class LogPseudoterminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  readonly #text = new LogText();
  #status: Disposable | undefined;
  #watch: { readonly engine: Engine; readonly stop: AbortController } | undefined;
  /** Where the bytes that were shown end; undefined before the first. */
  #offset: number | undefined;
  #hasFailed = false;

  constructor(
    private readonly viewed: ViewedHost,
    private readonly path: string,
    private readonly onClose: () => void,
  ) {}

  open(): void {
    this.#tell(vscode.l10n.t('{0}, as it grows. Closing the terminal ends it.', this.path));
    this.#status = this.viewed.onDidChangeStatus(() => {
      this.#followConnection();
    });
    this.#followConnection();
  }

  close(): void {
    this.#status?.dispose();
    this.#watch?.stop.abort();
    this.#written.dispose();
    this.onClose();
  }

  /** After a failure only. */
  tryAgain(): void {
    if (!this.#hasFailed) return;
    this.#watch?.stop.abort();
    this.#watch = undefined;
    this.#followConnection();
  }

  #followConnection(): void {
    const { status } = this.viewed;
    const engine = status.state === 'connected' ? status.engine : undefined;
    if (engine === this.#watch?.engine) return;
    this.#watch?.stop.abort();
    this.#watch = undefined;
    if (engine === undefined) {
      this.#tell(
        vscode.l10n.t('The host is not connected: what the log gains is shown when it is.'),
      );
      return;
    }
    const stop = new AbortController();
    this.#watch = { engine, stop };
    void this.#read(engine.host, stop.signal);
  }

  async #read(host: Host, signal: AbortSignal): Promise<void> {
    this.#hasFailed = false;
    try {
      this.#offset ??= await this.#begin(host, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#hasFailed = true;
      this.#tell(vscode.l10n.t('It cannot be followed: {0}', asSidestepError(error).message));
      return;
    }
    if (signal.aborted) return;
    const watch = host.watchGrowth(this.path, this.#offset, (data) => {
      this.#offset = (this.#offset ?? 0) + data.length;
      this.#written.fire(this.#text.push(data));
    });
    signal.addEventListener('abort', () => {
      watch.dispose();
    });
  }

  /** Of a long log only the end is shown. */
  async #begin(host: Host, signal: AbortSignal): Promise<number> {
    const [stat] = await host.files([{ op: 'stat', path: this.path }]);
    if (stat === undefined) {
      this.#tell(vscode.l10n.t('There is no such file yet: it is shown when there is.'));
      return 0;
    }
    if (stat.kind !== 'file') {
      throw new HostError('IO', vscode.l10n.t('{0} is no file.', this.path), this.path);
    }
    await checkReadable(host, this.path, signal);
    const offset = Math.max(0, stat.size - shownBytes);
    if (offset > 0) this.#tell(vscode.l10n.t('The first {0} bytes are left out.', offset));
    return offset;
  }

  /** Ours, in faint letters: not of the log. */
  #tell(text: string): void {
    this.#written.fire(`\x1b[2m${printable(text)}\x1b[0m\r\n`);
  }
}

/**
 * What watches a file waits for one that is not ours to read, for it may become so; a user is told.
 * @throws HostError `IO`
 */
async function checkReadable(host: Host, path: string, signal: AbortSignal): Promise<void> {
  const { status, stderr } = await host.run(['head', '-c', '1', '--', path], { signal });
  if (status !== 0) throw new HostError('IO', stderr.toString().trim(), path);
}
