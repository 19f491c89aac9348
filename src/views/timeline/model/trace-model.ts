/**
 * A trace as the page shows it, grown record by record: whole traces and appends give the same. It
 * is changed only by `append`; whoever draws it is told by the store.
 */
import * as v from 'valibot';
import type { Phase, Side, TraceRecord } from '../../../engine/trace/record';
import { Exchanges } from './exchanges';
import { Hops, type Hop } from './hops';
import { Instances, sideIn, type Instance } from './instances';
import type {
  HopItem,
  Item,
  ItemId,
  PhaseItem,
  StepItem,
  TableItem,
  TakeBackItem,
  VerdictItem,
  WarningItem,
} from './items';
import { Standstills, type Standstill } from './standstill';
import { Rows, Track } from './track';

type RecordOf<Type extends TraceRecord['type']> = Extract<TraceRecord, { type: Type }>;

export class TraceModel {
  /** `at` of the first record: what all times of items count from. */
  originUs = 0;
  /** Of what has happened until now, the last time. */
  lastUs = 0;
  header: RecordOf<'header'> | undefined;
  verdict: RecordOf<'verdict'> | undefined;

  /** All items. */
  readonly all = new Track<Item>();
  readonly phases = new Rows<PhaseItem>();
  readonly steps = new Rows<StepItem>();
  /** Steps that were taken back, when they were. */
  readonly undone = new Track<StepItem>();
  readonly tables = new Track<TableItem>();
  readonly takeBacks = new Track<TakeBackItem>();
  /** Warnings, and the verdict. */
  readonly remarks = new Track<WarningItem | VerdictItem>();

  readonly #records: TraceRecord[] = [];
  /** By record. */
  readonly #items: (Item | undefined)[] = [];
  readonly #phaseUnderWay = new Map<Phase, Mutable<PhaseItem>>();
  readonly #stepUnderWay = new Map<string, Mutable<StepItem>>();
  readonly #exchanges = new Exchanges();
  readonly #instances = new Instances();
  readonly #hops = new Hops();
  readonly #standstills = new Standstills();
  #standstillsNow: readonly Standstill[] | undefined;

  static of(records: Iterable<TraceRecord>): TraceModel {
    const model = new TraceModel();
    model.append(records);
    return model;
  }

  append(records: Iterable<TraceRecord>): void {
    for (const record of records) this.#append(record);
  }

  get records(): readonly TraceRecord[] {
    return this.#records;
  }

  /** The item that a record belongs to: of a reply its command's, of an `end` what has ended. */
  item(id: ItemId | undefined): Item | undefined {
    return id === undefined ? undefined : this.#items[id];
  }

  /** The migrations it tells of, one after the other: mostly one. */
  get hops(): readonly Hop[] {
    return this.#hops.list;
  }

  get hopItems(): Track<HopItem> {
    return this.#hops.items;
  }

  hopOf({ id }: Item): Hop {
    return this.#hops.of(id);
  }

  /** In the order in which they had the guest; a source before its targets. */
  get instances(): readonly Instance[] {
    return this.#instances.list;
  }

  instance(id: number | undefined): Instance | undefined {
    return this.#instances.get(id);
  }

  /** The side of what an item is about, if it is about one: a target may be a source later. */
  sideOf(item: Item): Side | undefined {
    if (item.kind === 'phase') return item.side;
    const instance = 'instance' in item ? this.instance(item.instance) : undefined;
    return instance && sideIn(instance, this.hopOf(item).index);
  }

  /** When the guest stood still: once for each migration at most. */
  get standstills(): readonly Standstill[] {
    return (this.#standstillsNow ??= this.#standstills.list(this.hops, this.verdict !== undefined));
  }

  /** µs from the call to the verdict; undefined while there is none. */
  get totalUs(): number | undefined {
    return this.verdict && this.verdict.at - this.originUs;
  }

  #append(record: TraceRecord): void {
    if (this.#records.length === 0) this.originUs = record.at;
    const id = this.#records.push(record) - 1;
    const at = record.at - this.originUs;
    if (at > this.lastUs) this.lastUs = at;
    this.#standstillsNow = undefined;
    if (this.#hops.hear(record, id, at)) this.#instances.begin(this.#hops.last.index);
    const item = this.#read(record, id, at);
    this.#items.push(item);
    // Those that only end something are there already, and a hop is all that is.
    if (item?.id === id && item.kind !== 'hop') this.all.add(item);
  }

  #read(record: TraceRecord, id: ItemId, at: number): Item | undefined {
    const moment = { id, startUs: at, endUs: at };
    switch (record.type) {
      case 'header':
        this.header = record;
        return undefined;
      case 'plan':
        this.#instances.plan(record);
        return this.#hops.plan(record, id);
      case 'phase':
        return this.#phase(record, id, at);
      case 'step':
        return this.#step(record, id, at);
      case 'qmp':
        return this.#qmp(record, id, at);
      case 'run-state':
        if (record.state === 'gone') this.#giveUp(record.instance, at);
        return this.#instances.enter(record, id, at);
      case 'process':
        return this.#process(record, id, at);
      case 'ram': {
        const { instance, transferred, remaining, total, mbps } = record;
        const numbers = { transferred, remaining, total, mbps };
        return added(this.#hops.last.ram, { ...moment, kind: 'ram', instance, ...numbers });
      }
      case 'table': {
        const { instance, from, to } = record;
        this.#instances.enterTable(record, id, at);
        if (from === 'remote' && to === undefined) this.#giveUp(instance, at);
        return added(this.tables, { ...moment, kind: 'table', instance, from, to });
      }
      case 'output': {
        const { instance, text, path } = record;
        const { output } = this.#instances.of(instance);
        return added(output, { ...moment, kind: 'output', instance, text, path });
      }
      case 'take-back': {
        const { instance, what, address, error } = record;
        const said = { instance, what, address, error };
        return added(this.takeBacks, { ...moment, kind: 'take-back', ...said });
      }
      case 'warning': {
        const { instance, code, message } = record;
        return added(this.remarks, { ...moment, kind: 'warning', instance, code, message });
      }
      case 'verdict':
        this.verdict = record;
        return added(this.remarks, { ...moment, kind: 'verdict', outcome: record.outcome });
    }
  }

  #phase({ phase, side, edge }: RecordOf<'phase'>, id: ItemId, at: number): PhaseItem {
    const underWay = this.#phaseUnderWay.get(phase);
    if (edge === 'begin' || underWay === undefined) {
      const endUs = edge === 'begin' ? Infinity : at;
      const progress = edge === 'begin' ? 'under-way' : progressAt[edge];
      const item = { kind: 'phase', id, startUs: at, endUs, phase, side, progress } as const;
      if (edge === 'begin') this.#phaseUnderWay.set(phase, item);
      this.phases.add(item);
      return item;
    }
    this.#phaseUnderWay.delete(phase);
    underWay.endUs = Math.max(at, underWay.startUs);
    underWay.progress = progressAt[edge];
    this.phases.changed(underWay);
    return underWay;
  }

  #step({ phase, step: name, edge }: RecordOf<'step'>, id: ItemId, at: number): StepItem {
    const key = `${phase ?? ''} ${name}`;
    const underWay = this.#stepUnderWay.get(key);
    if (edge === 'undone') {
      const startUs = at;
      return added(this.undone, {
        kind: 'step',
        id,
        startUs,
        endUs: at,
        phase,
        name,
        progress: edge,
      });
    }
    if (edge === 'begin' || underWay === undefined) {
      const endUs = edge === 'begin' ? Infinity : at;
      const progress = edge === 'begin' ? 'under-way' : progressAt[edge];
      const item = { kind: 'step', id, startUs: at, endUs, phase, name, progress } as const;
      if (edge === 'begin') this.#stepUnderWay.set(key, item);
      this.steps.add(item);
      return item;
    }
    this.#stepUnderWay.delete(key);
    underWay.endUs = Math.max(at, underWay.startUs);
    underWay.progress = progressAt[edge];
    this.steps.changed(underWay);
    return underWay;
  }

  #qmp(record: RecordOf<'qmp'>, id: ItemId, at: number): Item {
    const { instance, kind, name = '' } = record;
    const lanes = this.#instances.of(instance);
    const moment = { id, startUs: at, endUs: at, instance };
    switch (kind) {
      case 'greeting':
        this.#instances.greeted(record);
        return added(lanes.marks, { ...moment, kind });
      case 'event':
        this.#standstills.hear(record, id, this.originUs);
        return added(lanes.marks, { ...moment, kind, name, status: statusIn(record.message) });
      case 'command':
        return this.#exchanges.send(lanes.exchanges, record, id, at);
      case 'reply':
      case 'error':
        return this.#exchanges.answer(lanes.exchanges, record, id, at);
    }
  }

  #process(record: RecordOf<'process'>, id: ItemId, at: number): Item {
    const { instance, edge, pid } = record;
    this.#instances.process(record, id, at);
    if (edge === 'exit') this.#giveUp(instance, at);
    const { marks } = this.#instances.of(instance);
    return added(marks, { kind: 'process', id, startUs: at, endUs: at, instance, edge, pid });
  }

  /** Who has gone does not answer any more. */
  #giveUp(instance: number, at: number): void {
    this.#exchanges.giveUp(this.#instances.of(instance).exchanges, instance, at);
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const StatusEvent = v.object({ data: v.object({ status: v.string() }) });

function statusIn(event: unknown): string | undefined {
  return v.is(StatusEvent, event) ? event.data.status : undefined;
}

const progressAt = { end: 'done', failed: 'failed' } as const;

function added<T extends Item, In extends T>(track: Track<T>, item: In): In {
  track.add(item);
  return item;
}
