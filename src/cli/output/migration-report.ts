/** A migration that is over, for a reader. */
import type { HandbackReport } from '../../engine/handback/hand-back';
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
  /** Where libvirt has the domain again, on the same emulator. */
  readonly handback?: HandbackDocument;
  readonly trace: string;
}

/** The document of `handback --json`, and of the second half of `migrate --connect`. */
export interface HandbackDocument {
  readonly domain: string;
  readonly uuid: string;
  /** Of libvirt's connection. */
  readonly to: string;
  readonly phases: readonly PhaseTime[];
  readonly downtimeUs: number | null;
  readonly totalUs: number;
  readonly trace: string;
}

export function handbackDocument(report: HandbackReport): HandbackDocument {
  const { domain, uri, summary, tracePath } = report;
  return {
    domain: domain.name,
    uuid: domain.uuid,
    to: uri,
    phases: summary.phases,
    downtimeUs: summary.downtimeUs ?? null,
    totalUs: summary.totalUs ?? 0,
    trace: tracePath,
  };
}

export function handbackReport(back: HandbackDocument, paint: Paint): string {
  return [...handbackParts(back, paint), traceLines(back.trace)].join('\n\n');
}

function handbackParts(back: HandbackDocument, paint: Paint): string[] {
  return [
    `${paint('green', `Domain "${printable(back.domain)}" is libvirt's again`)} (${printable(back.to)}).`,
    phaseTable(back.phases),
    figures(back, paint),
  ];
}

function figures(
  { downtimeUs, totalUs }: Pick<HandbackDocument, 'downtimeUs' | 'totalUs'>,
  paint: Paint,
): string {
  const downtime =
    downtimeUs === null
      ? 'the guest stood still before and after'
      : `downtime ${formatDuration(downtimeUs)}`;
  return `${paint('bold', downtime)}, ${formatDuration(totalUs)} in all`;
}

function traceLines(path: string): string {
  return `Trace: ${printable(path)}\nTo read it: sidestep trace ${shellWord(path)}`;
}

export function migrationReport(moved: MigrationDocument, paint: Paint): string {
  const { from, to, takenBack, warnings, handback } = moved;
  const done = takenBack.filter(({ error }) => error === undefined);
  const failed = takenBack.filter(({ error }) => error !== undefined);
  return [
    `${paint('green', `Domain "${printable(moved.domain)}" has moved`)} from instance ${describe(from)}\nto instance ${describe(to)}.`,
    phaseTable(moved.phases),
    `${moved.mode}, ${figures(moved, paint)}`,
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
    ...(handback === undefined ? [] : handbackParts(handback, paint)),
    traceLines(moved.trace),
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
