/** Start, pause, resume, shut down, destroy: domains of the engine's, and libvirt's by libvirt. */
import * as vscode from 'vscode';
import { configuration } from '../configuration';
import { confirmed } from '../notify';
import { withCancellableProgress, withStatusProgress } from '../progress';
import { shortName } from '../safe-text';
import type { Handler } from './action';
import { domainSubject, type DomainSubject } from './subjects';

/** A domain of libvirt's that is defined, and does not run. */
export const start: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Start'),
    ...{ states: [], libvirt: ({ state }) => state === 'shut off' },
  });
  if (subject === undefined) return;
  await withStatusProgress(vscode.l10n.t('Starting {0}', shortName(subject.name)), () =>
    subject.engine.startDefined(subject.named),
  );
  services.refresh(subject.host.id);
};

export const pause: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Pause'),
    ...{ states: ['running'], libvirt: ({ state }) => state === 'running' },
  });
  if (subject === undefined) return;
  await withStatusProgress(vscode.l10n.t('Pausing {0}', shortName(subject.name)), () =>
    subject.engine.pause(subject.named),
  );
  services.refresh(subject.host.id);
};

export const resume: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Resume'),
    ...{ states: ['paused'], libvirt: ({ state }) => state === 'paused' },
  });
  if (subject === undefined) return;
  await withStatusProgress(vscode.l10n.t('Resuming {0}', shortName(subject.name)), () =>
    subject.engine.resume(subject.named),
  );
  services.refresh(subject.host.id);
};

export const stop: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Shut Down'),
    ...{ states: ['running'], libvirt: ({ state }) => state === 'running' },
  });
  if (subject === undefined) return;
  const seconds = configuration('stop.timeout');
  await withCancellableProgress(
    vscode.l10n.t('Asking {0} to shut down, for {1} s', shortName(subject.name), seconds),
    (signal) => subject.engine.stop(subject.named, seconds * 1_000, signal),
  );
  services.refresh(subject.host.id);
};

export const destroy: Handler = async (services, given) => {
  const subject = await domainSubject(services, given, {
    title: vscode.l10n.t('Destroy'),
    libvirt: ({ id }) => id !== undefined,
  });
  if (subject === undefined || !(await mayDestroy(subject))) return;
  await withStatusProgress(vscode.l10n.t('Destroying {0}', shortName(subject.name)), () =>
    subject.engine.destroy(subject.named),
  );
  services.refresh(subject.host.id);
};

function mayDestroy({ host, name, connection }: DomainSubject): Promise<boolean> {
  return confirmed(
    vscode.l10n.t('Destroy {0} on {1}?', shortName(name), shortName(host.label)),
    connection === undefined
      ? vscode.l10n.t(
          'Its QEMU is ended at once, as if the plug were pulled. What the guest has not written to its disks is lost, and the domain leaves the list.',
        )
      : vscode.l10n.t(
          'Its QEMU is ended at once by libvirt, as if the plug were pulled. What the guest has not written to its disks is lost. If the domain is persistent, it stays defined.',
        ),
    vscode.l10n.t('Destroy'),
  );
}
