/** A trace as a table, and what it comes to. */
import { formatDuration } from '../../engine/text/units';
import type { TraceRecord } from '../../engine/trace/record';
import type { TraceSummary } from '../../engine/trace/summary';
import { phaseTable } from './migration-report';
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
  const { phases, downtimeUs, totalUs, outcome } = summary;
  return {
    document: {
      summary: {
        phases,
        downtimeUs: downtimeUs ?? null,
        totalUs: totalUs ?? null,
        outcome: outcome ?? null,
      },
      records,
    },
    text: [
      '',
      phaseTable(phases),
      [
        outcome ?? 'no verdict yet',
        ...(downtimeUs === undefined ? [] : [`downtime ${formatDuration(downtimeUs)}`]),
        ...(totalUs === undefined ? [] : [`${formatDuration(totalUs)} in all`]),
      ].join(', '),
    ].join('\n'),
  };
}

/** Whether a summary depends on it: there may be more records than memory holds. */
export function isOfSummary(record: TraceRecord): boolean {
  return record.type === 'qmp'
    ? record.name === 'STOP' || record.name === 'RESUME'
    : record.type === 'header' || record.type === 'phase' || record.type === 'verdict';
}
