/** Listening to the QMP traffic between libvirt and the QEMU of a domain. */
import * as vscode from 'vscode';
import { SidestepError } from '../../engine/errors';
import { asLabel } from '../safe-text';
import { back, pick } from '../steps';
import type { Handler } from './action';
import { domainSubject } from './subjects';

export const listen: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Listen to QMP'),
    ...{ states: [], libvirt: () => true },
  });
  if (subject === undefined) return;
  if (subject.connection === undefined) {
    throw new SidestepError(
      'NOT_LIBVIRTS',
      vscode.l10n.t('{0} is no domain of libvirt’s: there is nobody to listen to.', subject.name),
    );
  }
  services.listeners.start(subject);
};

export const stopListening: Handler = async ({ listeners }) => {
  const { running } = listeners;
  if (running.length <= 1) {
    running[0]?.end.abort();
    return;
  }
  const answer = await pick({
    place: { title: vscode.l10n.t('Stop Listening to QMP'), step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The domain'),
    items: () =>
      running.map((listener) => ({
        label: asLabel(listener.subject.name),
        description: asLabel(listener.subject.host.label),
        listener,
      })),
  });
  if (answer !== undefined && answer !== back) answer.listener.end.abort();
};
