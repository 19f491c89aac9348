/** A migration that is over, for a reader. */
import type { Finding } from '../../engine/plan/plan';
import type { PhaseTime } from '../../engine/trace/summary';
import { printable } from '../../engine/text/printable';
import { table } from './table';
import type { Paint } from './terminal';
import { formatDuration } from '../../engine/text/units';

export interface MovedInstance {
  readonly id: number;
  readonly emulator: string;
  readonly version: string;
  readonly pid: number;
}

/** The document of `migrate --json`. */
export interface MigrationDocument {
  readonly domain: string;
  readonly uuid: string;
  readonly from: MovedInstance;
  readonly to: MovedInstance;
  readonly mode: string;
  readonly phases: readonly PhaseTime[];
  /** Null where the guest did not run when it was moved. */
  readonly downtimeUs: number | null;
  readonly totalUs: number;
  readonly takenBack: readonly {
    readonly what: string;
    readonly address: string;
    readonly error?: string;
  }[];
  readonly warnings: readonly Finding[];
  readonly trace: string;
}

export function migrationReport(moved: MigrationDocument, paint: Paint): string {
  const { from, to, takenBack, warnings } = moved;
  const downtime =
    moved.downtimeUs === null
      ? 'the guest stood still before and after'
      : `downtime ${formatDuration(moved.downtimeUs)}`;
  const done = takenBack.filter(({ error }) => error === undefined);
  const failed = takenBack.filter(({ error }) => error !== undefined);
  return [
    `${paint('green', `Domain "${printable(moved.domain)}" has moved`)} from instance ${describe(from)}\nto instance ${describe(to)}.`,
    phaseTable(moved.phases),
    `${moved.mode}, ${paint('bold', downtime)}, ${formatDuration(moved.totalUs)} in all`,
    section(
      'Taken back',
      paint,
      done.map(({ what, address }) => `${what}  ${address}`),
    ),
    section(
      'Not taken back',
      paint,
      failed.map(({ what, address, error = '' }) => `${what}  ${address}: ${error}`),
    ),
    section(
      'Warnings',
      paint,
      warnings.map(({ code, message }) => `${message} [${code}]`),
    ),
    `Trace: ${printable(moved.trace)}\nTo read it: sidestep trace ${shellWord(moved.trace)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export function phaseTable(phases: readonly PhaseTime[]): string {
  return table(
    [
      { title: 'Phase' },
      { title: 'Side' },
      { title: 'Began at', align: 'right' },
      { title: 'Took', align: 'right' },
    ],
    phases.map(({ name, side, startUs, endUs }) => [
      name,
      side,
      formatDuration(startUs),
      formatDuration(endUs - startUs),
    ]),
  );
}

function describe({ id, emulator, version, pid }: MovedInstance): string {
  return `${id} (QEMU ${printable(version)}, ${printable(emulator)}, pid ${pid})`;
}

function section(title: string, paint: Paint, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return [paint('bold', title), ...lines.map((line) => `  ${printable(line)}`)].join('\n');
}

/** As it can be pasted into a shell. */
function shellWord(path: string): string {
  const shown = printable(path);
  return /^[\w@%+:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
