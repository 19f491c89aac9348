/** A trace's records as lines of a table: time since its start, phase, instance, what happened. */
import type { TraceRecord } from '../../engine/trace/record';
import { printable } from '../../engine/text/printable';
import { formatBytes, formatRate } from '../../engine/text/units';
import { cutToColumns } from '../../engine/text/width';

/** A message without a terminal to fit into is cut at this; `--json` has all of it. */
const longestLine = 2_000;

const headings = ['Time/ms', 'Phase', 'Inst', 'What happened'] as const;

export function traceHeading(): string {
  return row(...headings);
}

/**
 * @param startedAt `at` of the trace's header, in µs
 * @param columns what a line is to fit into
 */
export function traceLine(
  record: TraceRecord,
  startedAt: number,
  columns: number = longestLine,
): string {
  const { at, phase = '', instance } = record;
  const time = ((at - startedAt) / 1000).toFixed(3);
  const id = instance === undefined ? '' : String(instance);
  return cutToColumns(row(time, phase, id, printable(words(record))), columns);
}

function row(time: string, phase: string, instance: string, what: string): string {
  return `${time.padStart(11)}  ${phase.padEnd(7)}  ${instance.padStart(4)}  ${what}`.trimEnd();
}

function words(record: TraceRecord): string {
  switch (record.type) {
    case 'header':
      return `trace of domain "${record.domain}" (${record.uuid}) on host ${record.host}`;
    case 'plan': {
      const { mode, from, to, blockers } = record;
      const verdict = blockers.length === 0 ? '' : `, ${blockers.length} blockers`;
      return `plan: ${mode}, QEMU ${from.version} (${from.emulator}) -> QEMU ${to.version} (${to.emulator})${verdict}`;
    }
    case 'phase':
      return `phase ${record.phase} at the ${record.side}: ${record.edge}`;
    case 'step':
      return `step ${record.step}: ${record.edge}`;
    case 'qmp':
      return qmpWords(record);
    case 'run-state':
      return `run state: ${record.state}`;
    case 'ram':
      return ramWords(record);
    case 'table': {
      const { from = 'no', to = 'no' } = record;
      return `from ${from} table to ${to} table`;
    }
    case 'process':
      return [`process ${record.pid}: ${record.edge}`, ...(record.argv ?? [])].join(' ');
    case 'output':
      return record.path === undefined
        ? `QEMU printed: ${record.text.trimEnd()}`
        : `${record.path} ends: ${record.text.trimEnd()}`;
    case 'take-back':
      return record.error === undefined
        ? `taken back: ${record.what} ${record.address}`
        : `not taken back: ${record.what} ${record.address}: ${record.error}`;
    case 'warning':
      return `warning: ${record.message} [${record.code}]`;
    case 'verdict': {
      const why = record.message === undefined ? '' : `: ${record.message}`;
      const code = record.code === undefined ? '' : ` [${record.code}]`;
      const hint = record.hint === undefined ? '' : ` ${record.hint}`;
      return `verdict: ${record.outcome}${why}${code}${hint}`;
    }
  }
}

type Of<Type extends TraceRecord['type']> = Extract<TraceRecord, { type: Type }>;

/** `->` to QEMU, `<-` from it. */
function qmpWords({ direction, kind, name = '', message }: Of<'qmp'>): string {
  const arrow = direction === 'sent' ? '->' : '<-';
  const content = isObject(message) ? qmpContent(kind, message) : message;
  const text = content === undefined ? '' : JSON.stringify(content);
  return [arrow, kind, name, text].filter((part) => part !== '').join(' ');
}

/** What of a message its kind and name do not say already. */
function qmpContent(kind: Of<'qmp'>['kind'], message: Readonly<Record<string, unknown>>): unknown {
  switch (kind) {
    case 'command':
      return message['arguments'];
    case 'reply':
      return message['return'];
    case 'error':
      return message['error'];
    case 'event':
      return message['data'];
    case 'greeting':
      return message['QMP'];
  }
}

function ramWords({ transferred, remaining, total, mbps, dirtySyncCount }: Of<'ram'>): string {
  return [
    `RAM: ${formatBytes(transferred)} sent`,
    `${formatBytes(remaining)} of ${formatBytes(total)} left`,
    ...(mbps === undefined ? [] : [formatRate(mbps)]),
    ...(dirtySyncCount === undefined ? [] : [`pass ${dirtySyncCount}`]),
  ].join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
