/** A domain of Sidestep's moves to another QEMU. */
import * as vscode from 'vscode';
import type { MigrationReport } from '../../engine/migration/migrate';
import type { Mode } from '../../engine/mode';
import { formatDuration } from '../../engine/text/units';
import type { Outcome } from '../../engine/trace/record';
import type { Move } from './move';

export interface MigrationWish {
  /** Path on the host; the source's own if not given. */
  readonly emulator: string | undefined;
  readonly mode: Mode | 'auto';
}

export function migration(wish: MigrationWish): Move {
  return {
    title: (name) => vscode.l10n.t('Migrating {0}', name),
    async run({ engine, uuid, name }, options) {
      const report = await engine.migrate({ domain: uuid, ...wish }, options);
      const { takenBack, domain } = report;
      return {
        text: movedText(name, report),
        takenBack,
        isFromLibvirt: domain.libvirt !== undefined,
      };
    },
    failure: migrationFailure,
    cancelled: (name) =>
      vscode.l10n.t('The migration of {0} was cancelled: it is where it was.', name),
  };
}

export function movedText(name: string, { target, summary }: MigrationReport): string {
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

export function migrationFailure(name: string, outcome: Outcome | undefined): string {
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
