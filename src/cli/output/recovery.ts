/** What became of a migration that was cut off, for a reader. */
import type { Recovery } from '../../engine/migration/recover';
import { printable } from '../../engine/text/printable';

const said = {
  moved: 'had moved: its migration is finished',
  stayed: 'had not moved: what the migration had begun is undone',
  lost: 'is lost: no process has it any more',
} as const;

export function recoveryText({ domain, outcome, takenBack, tracePath }: Recovery): string {
  return [
    `The guest of domain "${printable(domain.name)}" ${said[outcome]}.`,
    ...takenBack.flatMap(({ what, address, error }) =>
      error === undefined ? [] : `Not taken back: ${what} ${printable(address)}: ${error}`,
    ),
    `Trace: ${printable(tracePath)}`,
  ].join('\n');
}
