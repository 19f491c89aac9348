/** Takes in a QEMU that was started by hand. */
import * as vscode from 'vscode';
import type { RunningQemu } from '../../engine/inventory/running-qemus';
import { quoteArguments } from '../../qemu/commandline/launch-script';
import { redactArguments } from '../../engine/trace/redact';
import { askDomainName } from '../domain-name';
import { showMessage } from '../notify';
import { withCancellableProgress } from '../progress';
import { asLabel, shortName } from '../safe-text';
import { askInSteps, back, pick } from '../steps';
import type { Handler } from './action';
import { hostSubject } from './subjects';

interface Draft {
  readonly qemu: RunningQemu | undefined;
  readonly name: string;
}

export const adopt: Handler = async (services, given) => {
  const title = vscode.l10n.t('Adopt a Running QEMU');
  const subject = await hostSubject(services, given, { title });
  if (subject === undefined) return;
  const { engine } = subject;
  const draft = await askInSteps<Draft>(title, { qemu: undefined, name: '' }, [
    {
      async ask(state, place) {
        const answer = await pick<QemuItem>({
          place,
          placeholder: vscode.l10n.t('A QEMU with a QMP monitor. Nothing of it is changed.'),
          items: async (signal) => qemuItems(await engine.runningQemus(signal)),
          accepts: ({ qemu }) => qemu !== undefined && qemu.monitors.length > 0,
        });
        if (answer === undefined || answer === back) return answer;
        const { qemu } = answer;
        return { ...state, qemu, name: qemu?.name ?? `qemu-${qemu?.pid ?? 0}` };
      },
    },
    { ask: askDomainName },
  ]);
  const { qemu, name } = draft ?? {};
  if (qemu === undefined) return;
  const started = await withCancellableProgress(
    vscode.l10n.t('Adopting QEMU {0}', qemu.pid),
    (signal) => engine.adopt({ pid: qemu.pid, name, signal }),
  );
  if (started === undefined) return;
  services.refresh(subject.host.id);
  await showMessage(
    'info',
    vscode.l10n.t('{0} is a domain now. {1}', shortName(started.domain.name), started.remark),
  );
};

interface QemuItem extends vscode.QuickPickItem {
  /** Undefined for the item that says there is none. */
  readonly qemu?: RunningQemu;
}

function qemuItems(qemus: readonly RunningQemu[]): QemuItem[] {
  if (qemus.length === 0) {
    return [{ label: vscode.l10n.t('No other QEMU runs on this host.'), alwaysShow: true }];
  }
  return qemus.map((qemu) => ({
    label: asLabel(qemu.name ?? qemu.emulator, 80),
    description: vscode.l10n.t('pid {0}', qemu.pid),
    detail:
      qemu.monitors.length === 0
        ? `$(circle-slash) ${vscode.l10n.t('It has no QMP monitor on a unix socket: start it with -qmp unix:PATH,server=on,wait=off')}`
        : asLabel(quoteArguments(redactArguments(qemu.argv)), 200),
    qemu,
  }));
}
