/** Items in words: what they are called, and what is to be said of them. */
import type { Phase } from '../../../engine/trace/record';
import { formatBytes, formatDuration, formatTime } from './format';
import { instanceOf, type Item } from './items';
import type { TraceModel } from './trace-model';

export const phaseNames: Readonly<Record<Phase, string>> = {
  begin: 'Begin',
  prepare: 'Prepare',
  perform: 'Perform',
  finish: 'Finish',
  confirm: 'Confirm',
};

const outcomes = {
  moved: 'moved',
  stayed: 'stayed at the source',
  refused: 'refused',
  lost: 'lost',
  undecided: 'undecided',
} as const;

export function outcomeName(outcome: keyof typeof outcomes): string {
  return outcomes[outcome];
}

/** Short: what stands at it in a lane. */
export function nameOf(item: Item): string {
  switch (item.kind) {
    case 'phase':
      return phaseNames[item.phase];
    case 'step':
      return item.progress === 'undone' ? `${item.name} undone` : item.name;
    case 'run-state':
      return item.state === 'starting' ? 'QEMU starts' : item.state;
    case 'exchange':
      return item.name === '' ? '(unnamed)' : item.name;
    case 'event':
      return item.name;
    case 'greeting':
      return 'greeting';
    case 'process':
      return item.edge === 'start' ? 'exec' : 'exit';
    case 'output':
      return item.text.trim();
    case 'table':
      return tableMove(item);
    case 'ram':
      return `${formatBytes(item.remaining)} left`;
    case 'take-back':
      return item.error === undefined ? item.what : `${item.what} not taken back`;
    case 'warning':
      return item.message;
    case 'verdict':
      return outcomeName(item.outcome);
  }
}

function tableMove({ instance, from, to }: Extract<Item, { kind: 'table' }>): string {
  if (to === undefined) return `#${instance} leaves ${from ?? 'the'} tables`;
  return `#${instance} ${from === undefined ? '' : `${from} `}→ ${to}`;
}

/** One line each: what it is, when it was, how long it took. */
export function linesOf(item: Item, model: TraceModel, nowUs: number): string[] {
  const side = whereOf(item, model);
  return [
    side === undefined ? kindOf(item) : `${kindOf(item)} · ${side}`,
    timesOf(item, nowUs),
    ...detailsOf(item, model),
  ];
}

/** `#7 source`. */
export function whereOf(item: Item, model: TraceModel): string | undefined {
  const instance = instanceOf(item);
  const side = model.sideOf(item);
  if (instance === undefined) return side;
  return side === undefined ? `#${instance}` : `#${instance} ${side}`;
}

function kindOf(item: Item): string {
  switch (item.kind) {
    case 'phase':
      return 'Phase';
    case 'step':
      return 'Step';
    case 'run-state':
      return 'Run state';
    case 'exchange':
      return item.origin === undefined ? 'QMP command' : `QMP command, sent by ${item.origin}`;
    case 'event':
      return 'QMP event';
    case 'greeting':
      return 'QMP greeting';
    case 'process':
      return 'Process';
    case 'output':
      return 'Printed by QEMU';
    case 'table':
      return 'Tables';
    case 'ram':
      return 'RAM';
    case 'take-back':
      return 'Address taken back';
    case 'warning':
      return 'Warning';
    case 'verdict':
      return 'Verdict';
  }
}

function timesOf({ startUs, endUs }: Item, nowUs: number): string {
  const start = formatTime(startUs);
  if (endUs === startUs) return `at ${start} ms`;
  if (endUs === Infinity)
    return `from ${start} ms on, for ${formatDuration(nowUs - startUs)} so far`;
  return `${formatDuration(endUs - startUs)}, from ${start} to ${formatTime(endUs)} ms`;
}

function detailsOf(item: Item, model: TraceModel): string[] {
  switch (item.kind) {
    case 'exchange':
      if (item.outcome === 'error') return [`error: ${errorOf(model.records[item.answer ?? -1])}`];
      if (item.outcome === 'unanswered') return ['never answered: the process has gone'];
      return item.outcome === 'open' ? ['not answered yet'] : [];
    case 'event':
      return dataOf(model.records[item.id]);
    case 'phase':
    case 'step':
      return item.progress === 'failed' ? ['failed'] : [];
    case 'process':
      return [`pid ${item.pid}`];
    case 'take-back':
      return [item.address, ...(item.error === undefined ? [] : [item.error])];
    case 'warning':
      return [item.code];
    case 'ram':
      return [`${formatBytes(item.transferred)} sent, of ${formatBytes(item.total)}`];
    default:
      return [];
  }
}

type Message = TraceModel['records'][number] | undefined;

function errorOf(record: Message): string {
  const error = record?.type === 'qmp' ? field(record.message, 'error') : undefined;
  const description = field(error, 'desc');
  return typeof description === 'string' ? description : 'without a description';
}

/** Short data of an event, such as a status. */
function dataOf(record: Message): string[] {
  const data = record?.type === 'qmp' ? field(record.message, 'data') : undefined;
  if (data === undefined) return [];
  const text = JSON.stringify(data);
  return [text.length > 120 ? `${text.slice(0, 119)}…` : text];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
