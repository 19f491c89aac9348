/** A trace as a table, and what it comes to. */
import { printable } from '../../engine/text/printable';
import { formatDuration } from '../../engine/text/units';
import type { TraceRecord } from '../../engine/trace/record';
import type { HopSummary, TraceSummary } from '../../engine/trace/summary';
import { phaseTable } from './migration-report';
import { hopTitles } from './progress';
import type { Terminal } from './terminal';
import { traceHeading, traceLine } from './trace-lines';

/** Prints records as they come, below the table's heading. */
export class TracePrinter {
  #startedAt: number | undefined;

  constructor(private readonly terminal: Terminal) {}

  print(records: readonly TraceRecord[]): void {
    const { terminal } = this;
    if (this.#startedAt === undefined) terminal.print(terminal.paint('bold', traceHeading()));
    const startedAt = (this.#startedAt ??= records[0]?.at ?? 0);
    const lines = records.map((record) => traceLine(record, startedAt, terminal.columns));
    terminal.print(lines.join('\n'));
  }
}

/** @param records those of the document */
export function traceResult(
  summary: TraceSummary,
  records: readonly TraceRecord[],
): { readonly document: object; readonly text: string } {
  const { phases, downtimeUs, totalUs, outcome, hops } = summary;
  return {
    document: {
      summary: {
        phases,
        downtimeUs: downtimeUs ?? null,
        totalUs: totalUs ?? null,
        outcome: outcome ?? null,
        ...(hops.length > 1 && { hops: hops.map(hopDocument) }),
      },
      records,
    },
    text: [
      '',
      ...(hops.length > 1 ? hops.map(hopText) : [phaseTable(phases)]),
      commas([
        outcome ?? 'no verdict yet',
        ...downtimeWords(downtimeUs),
        ...(totalUs === undefined ? [] : [`${formatDuration(totalUs)} in all`]),
      ]),
    ].join('\n'),
  };
}

/** Whether a summary depends on it: there may be more records than memory holds. */
export function isOfSummary(record: TraceRecord): boolean {
  return record.type === 'qmp'
    ? record.name === 'STOP' || record.name === 'RESUME'
    : record.type === 'header' || record.type === 'phase' || record.type === 'verdict';
}
function hopDocument({ kind, mode, phases, downtimeUs }: HopSummary) {
  return {
    kind: kind ?? null,
    mode: mode ?? null,
    phases,
    downtimeUs: downtimeUs ?? null,
  };
}

function hopText({ kind, mode, phases, downtimeUs }: HopSummary, index: number): string {
  const title = kind === undefined ? 'Migration' : hopTitles[kind];
  return [
    commas([
      `${index + 1}. ${title}`,
      ...(mode === undefined ? [] : [printable(mode)]),
      ...downtimeWords(downtimeUs),
    ]),
    `${phaseTable(phases)}\n`,
  ].join('\n');
}

function downtimeWords(us: number | undefined): string[] {
  return us === undefined ? [] : [`downtime ${formatDuration(us)}`];
}

const commas = (words: readonly string[]) => words.join(', ');
