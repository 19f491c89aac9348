/**
 * What a trace's records mean, as things with a beginning and an end. Times are µs since the trace's
 * first record; what is still under way ends at Infinity.
 */
import type { Phase, Side, TableName, TraceRecord } from '../../../engine/trace/record';

/** Index of the record that an item begins with: the same for lanes and list, now and after a reload. */
export type ItemId = number;

interface Interval {
  readonly id: ItemId;
  readonly startUs: number;
  readonly endUs: number;
}

/** An item of one moment ends when it begins. */
interface Moment extends Interval {
  readonly instance: number;
}

export type Progress = 'under-way' | 'done' | 'failed';

/** One migration of several in a trace, once it has a plan: its record is that. */
export interface HopItem extends Interval {
  readonly kind: 'hop';
  /** From 0. */
  readonly index: number;
  readonly plan: Extract<TraceRecord, { type: 'plan' }>;
  readonly progress: Progress;
}

export interface PhaseItem extends Interval {
  readonly kind: 'phase';
  readonly phase: Phase;
  readonly side: Side;
  readonly progress: Progress;
}

/** A step of a phase: announced in the journal when it begins. */
export interface StepItem extends Interval {
  readonly kind: 'step';
  readonly phase: Phase | undefined;
  readonly name: string;
  readonly progress: Progress | 'undone';
}

export interface RunStateItem extends Interval {
  readonly kind: 'run-state';
  readonly instance: number;
  /** QEMU's RunState, `starting` from the start of the process to its first, or `gone`. */
  readonly state: string;
}

/** A QMP command, from the time it was sent until it was answered. */
export interface ExchangeItem extends Interval {
  readonly kind: 'exchange';
  readonly instance: number;
  readonly name: string;
  /** Missing means the engine. */
  readonly origin: string | undefined;
  /** `open`: not answered yet; `unanswered`: and never to be, as the process has gone. */
  readonly outcome: 'open' | 'reply' | 'error' | 'unanswered';
  /** The record of the answer. */
  readonly answer: ItemId | undefined;
}

export interface EventItem extends Moment {
  readonly kind: 'event';
  readonly name: string;
  /** What it tells, if that is a status: the MIGRATION event does. */
  readonly status: string | undefined;
}

export interface GreetingItem extends Moment {
  readonly kind: 'greeting';
}

export interface ProcessItem extends Moment {
  readonly kind: 'process';
  readonly edge: 'start' | 'exit';
  readonly pid: number;
}

export interface OutputItem extends Moment {
  readonly kind: 'output';
  readonly text: string;
  /** Of the end of a file that QEMU wrote. */
  readonly path: string | undefined;
}

export interface TableItem extends Moment {
  readonly kind: 'table';
  readonly from: TableName | undefined;
  readonly to: TableName | undefined;
}

export interface RamItem extends Moment {
  readonly kind: 'ram';
  /** Bytes. */
  readonly transferred: number;
  readonly remaining: number;
  readonly total: number;
  /** Mbit/s. */
  readonly mbps: number | undefined;
}

export interface TakeBackItem extends Interval {
  readonly kind: 'take-back';
  readonly instance: number | undefined;
  readonly what: string;
  readonly address: string;
  readonly error: string | undefined;
}

export interface WarningItem extends Interval {
  readonly kind: 'warning';
  readonly instance: number | undefined;
  readonly code: string;
  readonly message: string;
}

export interface VerdictItem extends Interval {
  readonly kind: 'verdict';
  readonly outcome: Extract<TraceRecord, { type: 'verdict' }>['outcome'];
}

export type Item =
  | HopItem
  | PhaseItem
  | StepItem
  | RunStateItem
  | ExchangeItem
  | EventItem
  | GreetingItem
  | ProcessItem
  | OutputItem
  | TableItem
  | RamItem
  | TakeBackItem
  | WarningItem
  | VerdictItem;

export type ItemKind = Item['kind'];

export function instanceOf(item: Item): number | undefined {
  return 'instance' in item ? item.instance : undefined;
}

/** Whether it is to be seen as an error. */
export function isFailed(item: Item): boolean {
  switch (item.kind) {
    case 'hop':
    case 'phase':
    case 'step':
      return item.progress === 'failed';
    case 'exchange':
      return item.outcome === 'error' || item.outcome === 'unanswered';
    case 'event':
      return item.status === 'failed';
    case 'take-back':
      return item.error !== undefined;
    case 'verdict':
      return item.outcome !== 'moved' && item.outcome !== 'listened';
    default:
      return false;
  }
}
