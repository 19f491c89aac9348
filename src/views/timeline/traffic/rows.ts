/** An item as a row of the list. */
import type { Side, TraceRecord } from '../../../engine/trace/record';
import { linesOf, nameOf } from '../model/describe';
import { formatBytes, formatDuration, formatTime } from '../model/format';
import { instanceOf, isFailed, type Item } from '../model/items';
import type { TraceModel } from '../model/trace-model';
import { visibleText } from '../visible-text';

/** What a row looks like. */
export type Tone = 'command' | 'event' | 'output' | 'engine' | 'error';

export interface Row {
  /** ms, since the start or since the selection. */
  readonly time: string;
  /** `#7`, if it is about an instance. */
  readonly instance: string;
  readonly side: Side | undefined;
  readonly tone: Tone;
  readonly name: string;
  /** What else there is to be said, as far as there is room. */
  readonly detail: string;
  readonly duration: string;
  readonly size: string;
  /** All of it, for who hears it. */
  readonly spoken: string;
}

/** More than fits on a line is for the detail pane. */
const longest = 200;

/** @param sinceUs what times count from */
export function rowOf(item: Item, model: TraceModel, nowUs: number, sinceUs: number): Row {
  const instance = instanceOf(item);
  const name = nameOf(item);
  const relative = item.startUs - sinceUs;
  return {
    time: `${sinceUs > 0 && relative > 0 ? '+' : ''}${formatTime(relative)}`,
    instance: instance === undefined ? '' : `#${instance}`,
    side: model.sideOf(item),
    tone: toneOf(item),
    name: oneLine(name),
    detail: oneLine(detailOf(item, model)),
    duration: durationOf(item, nowUs),
    size: sizeOf(item, model),
    spoken: oneLine([name, ...linesOf(item, model, nowUs)].join(', ')),
  };
}

function toneOf(item: Item): Tone {
  if (isFailed(item)) return 'error';
  switch (item.kind) {
    case 'exchange':
      return 'command';
    case 'event':
    case 'greeting':
      return 'event';
    case 'output':
    case 'warning':
      return 'output';
    default:
      return 'engine';
  }
}

function durationOf(item: Item, nowUs: number): string {
  if (item.kind === 'run-state' || item.endUs === item.startUs) return '';
  if (item.endUs === Infinity) return `${formatDuration(Math.max(nowUs - item.startUs, 0))} …`;
  return formatDuration(item.endUs - item.startUs);
}

function sizeOf(item: Item, model: TraceModel): string {
  const answer = item.kind === 'exchange' ? item.answer : undefined;
  const bytes =
    bytesOf(model.records[item.id]) +
    (answer === undefined || answer === item.id ? 0 : bytesOf(model.records[answer]));
  return bytes === 0 ? '' : formatBytes(bytes);
}

function bytesOf(record: TraceRecord | undefined): number {
  return record?.type === 'qmp' ? record.bytes : 0;
}

/** What tells two of the same name apart. */
function detailOf(item: Item, model: TraceModel): string {
  switch (item.kind) {
    case 'exchange':
      return item.outcome === 'error'
        ? jsonText(fieldOf(fieldOf(messageOf(model, item.answer), 'error'), 'desc'))
        : jsonText(fieldOf(messageOf(model, item.id), 'arguments'));
    case 'event':
      // Its name tells the status.
      return item.status === undefined ? jsonText(fieldOf(messageOf(model, item.id), 'data')) : '';
    case 'step':
      return item.phase ?? '';
    case 'process':
      return `pid ${item.pid}`;
    case 'take-back':
      return item.error ?? item.address;
    case 'warning':
      return item.code;
    default:
      return '';
  }
}

function messageOf(model: TraceModel, id: number | undefined): unknown {
  const record = id === undefined ? undefined : model.records[id];
  return record?.type === 'qmp' ? record.message : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function jsonText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function oneLine(text: string): string {
  const shown = visibleText(text.slice(0, longest + 1)).replace(/\s+/g, ' ');
  return text.length > longest ? `${shown.slice(0, longest)}…` : shown;
}
