/** What became of a migration that was cut off, for a reader. */
import type { Recovery } from '../../engine/recovery/recover';
import { printable } from '../../engine/text/printable';

const said = {
  moved: 'had moved: its migration is finished',
  stayed: 'had not moved: what the migration had begun is undone',
  lost: 'is lost: no process has it any more',
} as const;

export function recoveryText(recovery: Recovery): string {
  const { domain, outcome, takenBack, tracePath } = recovery;
  return [
    `The guest of domain "${printable(domain.name)}" ${said[outcome]}.`,
    ...whoseNow(recovery),
    ...takenBack.flatMap(({ what, address, error }) =>
      error === undefined ? [] : `Not taken back: ${what} ${printable(address)}: ${error}`,
    ),
    `Trace: ${printable(tracePath)}`,
  ].join('\n');
}

/** A domain that came from libvirt is libvirt's again, or has both ways open. */
function whoseNow({ domain, outcome, isLibvirts }: Recovery): string[] {
  if (domain.libvirt === undefined || outcome === 'lost') return [];
  if (isLibvirts) return [`libvirt (${domain.libvirt.uri}) runs it.`];
  return [
    `It runs as a domain of Sidestep's; \`sidestep handback ${printable(domain.name)}\` makes it libvirt's again.`,
  ];
}
