/** The QMP consoles of instances, each in a terminal of its own. */
import * as vscode from 'vscode';
import type { ConsoleSession } from '../../engine/console';
import { SidestepError } from '../../engine/errors';
import type { InstanceName } from '../documents/document-uri';
import type { ViewedHosts } from '../hosts';
import { labelText, withoutIcons } from '../text';
import { ConsolePseudoterminal } from './pseudoterminal';

interface OpenConsole {
  readonly terminal: vscode.Terminal;
  readonly pseudoterminal: ConsolePseudoterminal;
}

export class Consoles implements vscode.Disposable {
  readonly #open = new Map<string, OpenConsole>();

  constructor(private readonly hosts: ViewedHosts) {}

  /**
   * Shows the console of an instance, a new one if there is none.
   * @param line put on the console's line, for the user to send
   */
  open(instance: InstanceName, line?: string): void {
    const key = JSON.stringify([instance.hostId, instance.uuid, instance.instanceId]);
    const console = this.#open.get(key) ?? this.#create(key, instance);
    if (line !== undefined) console.pseudoterminal.prefill(line);
    console.terminal.show();
  }

  dispose(): void {
    for (const { terminal } of this.#open.values()) terminal.dispose();
  }

  #create(key: string, instance: InstanceName): OpenConsole {
    let wanted: number | undefined = instance.instanceId;
    const pseudoterminal = new ConsolePseudoterminal({
      connect: async (signal) => {
        const session = await this.#connect(instance, wanted, signal);
        // When this one ends the domain may have moved: it is followed to the instance that runs it.
        wanted = undefined;
        return session;
      },
      onClose: () => this.#open.delete(key),
    });
    const terminal = vscode.window.createTerminal({
      name: withoutIcons(`QMP: ${labelText(instance.name, 40)} #${instance.instanceId}`),
      pty: pseudoterminal,
      iconPath: new vscode.ThemeIcon('terminal'),
      isTransient: true,
    });
    const opened = { terminal, pseudoterminal };
    this.#open.set(key, opened);
    return opened;
  }

  #connect(
    { hostId, uuid }: InstanceName,
    instanceId: number | undefined,
    signal: AbortSignal,
  ): Promise<ConsoleSession> {
    const status = this.hosts.find(hostId)?.status;
    if (status?.state === 'connected') return status.engine.openConsole(uuid, instanceId, signal);
    return Promise.reject(
      new SidestepError('HOST_NOT_CONNECTED', vscode.l10n.t('The host is not connected.'), {
        hint: vscode.l10n.t('Connect it, and press Enter here.'),
      }),
    );
  }
}
