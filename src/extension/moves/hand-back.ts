/** A domain of Sidestep's becomes libvirt's, which most of them were before. */
import * as vscode from 'vscode';
import type { HandbackReport } from '../../engine/handback/hand-back';
import type { HandbackWish } from '../../engine/libvirt/upgrade';
import { formatDuration } from '../../engine/text/units';
import type { Outcome } from '../../engine/trace/record';
import type { Move } from './move';

/** @param wish for a domain that was not libvirt's: its XML, and the connection */
export function handingBack(wish: HandbackWish = {}): Move {
  return {
    title: (name) => vscode.l10n.t('Handing {0} back to libvirt', name),
    async run({ engine, uuid, name }, options) {
      const report = await engine.handBack(uuid, options, wish);
      return { text: backText(name, report), takenBack: [], isFromLibvirt: false };
    },
    failure: failureText,
    cancelled: (name) =>
      vscode.l10n.t('{0} was not handed back: it runs on as a domain of Sidestep’s.', name),
  };
}

function backText(name: string, { summary }: HandbackReport): string {
  const { downtimeUs, totalUs = 0 } = summary;
  return downtimeUs === undefined
    ? vscode.l10n.t(
        '{0} is libvirt’s now, paused as it was: {1} in all.',
        name,
        formatDuration(totalUs),
      )
    : vscode.l10n.t(
        '{0} is libvirt’s now: {1} of downtime, {2} in all.',
        name,
        formatDuration(downtimeUs),
        formatDuration(totalUs),
      );
}

function failureText(name: string, outcome: Outcome | undefined): string {
  switch (outcome) {
    case 'refused':
    case 'stayed':
    case 'moved':
      return vscode.l10n.t('{0} was not handed back: it runs on as a domain of Sidestep’s.', name);
    case 'lost':
      return vscode.l10n.t('{0} was lost on its way to libvirt.', name);
    case 'undecided':
    case undefined:
      return vscode.l10n.t('The hand-back of {0} did not come to a clear end.', name);
  }
}
