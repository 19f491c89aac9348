/** A domain of libvirt's gets another QEMU: to Sidestep, and from there back to libvirt. */
import * as vscode from 'vscode';
import type { UpgradeReport } from '../../engine/libvirt/upgrade';
import { formatDuration } from '../../engine/text/units';
import { migrationFailure, movedText, type MigrationWish } from './migration';
import type { Move } from './move';

export interface UpgradeWish extends MigrationWish {
  /** It is Sidestep's from then on. */
  readonly stay: boolean;
  /** Its persistent definition gets the other emulator too. */
  readonly redefine?: boolean;
}

/** @param uri of libvirt's connection */
export function upgrade(uri: string, wish: UpgradeWish): Move {
  return {
    title: (name) => vscode.l10n.t('Upgrading {0}', name),
    async run({ engine, uuid, name }, options) {
      const report = await engine.upgrade({ uri, domain: uuid }, wish, options);
      return {
        text: upgradedText(name, report),
        takenBack: report.away.takenBack,
        isFromLibvirt: wish.stay,
      };
    },
    failure: (name, outcome) =>
      outcome === 'stayed'
        ? vscode.l10n.t('{0} was not upgraded: it runs on as libvirt’s.', name)
        : migrationFailure(name, outcome),
    cancelled: (name) =>
      vscode.l10n.t('The upgrade of {0} was cancelled: it runs on as libvirt’s.', name),
    halfWay: {
      failure: (name) =>
        vscode.l10n.t(
          '{0} runs on as a domain of Sidestep’s: libvirt has not taken it back.',
          name,
        ),
      cancelled: (name) =>
        vscode.l10n.t('The upgrade of {0} was cancelled half-way: it runs on as Sidestep’s.', name),
    },
  };
}

function upgradedText(name: string, { away, back }: UpgradeReport): string {
  if (back === undefined) {
    return `${movedText(name, away)} ${vscode.l10n.t('It is Sidestep’s from now on.')}`;
  }
  const { version } = away.target;
  const downtimes = [away, back].flatMap(({ summary }) => summary.downtimeUs ?? []);
  const total = (away.summary.totalUs ?? 0) + (back.summary.totalUs ?? 0);
  return downtimes.length === 0
    ? vscode.l10n.t(
        '{0} is libvirt’s as before and runs on QEMU {1}, paused as it was: {2} in all.',
        name,
        version,
        formatDuration(total),
      )
    : vscode.l10n.t(
        '{0} is libvirt’s as before and runs on QEMU {1}: {2} of downtime, {3} in all.',
        name,
        version,
        downtimes.map(formatDuration).join(' + '),
        formatDuration(total),
      );
}
