/** The QEMU processes of a trace: which side they are, and what each of them was doing when. */
import * as v from 'valibot';
import type { Side, TraceRecord } from '../../../engine/trace/record';
import type {
  EventItem,
  ExchangeItem,
  GreetingItem,
  ItemId,
  OutputItem,
  ProcessItem,
  RunStateItem,
} from './items';
import { Rows, Track } from './track';

type RecordOf<Type extends TraceRecord['type']> = Extract<TraceRecord, { type: Type }>;

export interface Instance {
  readonly id: number;
  readonly side: Side;
  readonly pid: number | undefined;
  /** Path of its emulator, and QEMU's version. */
  readonly emulator: string | undefined;
  readonly version: string | undefined;
  /** One after the other, without gaps from the first on. */
  readonly runStates: Track<RunStateItem>;
  readonly exchanges: Rows<ExchangeItem>;
  /** Events, greetings, start and exit of the process. */
  readonly marks: Track<EventItem | GreetingItem | ProcessItem>;
  /** What it printed. */
  readonly output: Track<OutputItem>;
}

const Version = v.object({ major: v.number(), minor: v.number(), micro: v.number() });
const Greeting = v.object({ QMP: v.object({ version: v.object({ qemu: Version }) }) });

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class Instances {
  readonly #byId = new Map<number, Mutable<Instance>>();
  readonly #current = new Map<number, Mutable<RunStateItem>>();
  #plan: RecordOf<'plan'> | undefined;

  get list(): readonly Instance[] {
    const rank = ({ side }: Instance) => (side === 'source' ? 0 : 1);
    return [...this.#byId.values()].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
  }

  get(id: number | undefined): Instance | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  of(id: number): Instance {
    return this.#of(id);
  }

  plan(plan: RecordOf<'plan'>): void {
    this.#plan = plan;
    this.#of(plan.from.id);
    for (const instance of this.#byId.values()) this.#tell(instance);
  }

  /** Without a plan it is QEMU that says what it is. */
  greeted({ instance: id, message }: RecordOf<'qmp'>): void {
    if (this.#plan !== undefined || !v.is(Greeting, message)) return;
    const { major, minor, micro } = message.QMP.version.qemu;
    this.#of(id).version = `${major}.${minor}.${micro}`;
  }

  /** Who comes into the remote tables is a target, and one that leaves them for nowhere is no more. */
  enterTable({ instance: id, from, to }: RecordOf<'table'>, item: ItemId, at: number): void {
    const instance = this.#of(id);
    if (to === 'remote') instance.side = 'target';
    if (from === 'remote' && to === undefined) this.#end(instance, item, at);
  }

  process(
    { instance: id, edge, pid, isIncoming = true }: RecordOf<'process'>,
    item: ItemId,
    at: number,
  ): void {
    const instance = this.#of(id);
    instance.pid = pid;
    if (edge === 'start') {
      if (this.#plan === undefined) instance.side = isIncoming ? 'target' : 'source';
      if (instance.runStates.length === 0) this.#enter(instance, 'starting', item, at);
    } else {
      this.#end(instance, item, at);
    }
  }

  /** Without a monitor nothing else has told that it is gone. */
  #end(instance: Instance, item: ItemId, at: number): void {
    const { last } = instance.runStates;
    if (last !== undefined && last.state !== 'gone') this.#enter(instance, 'gone', item, at);
  }

  enter({ instance, state }: RecordOf<'run-state'>, item: ItemId, at: number): RunStateItem {
    return this.#enter(this.#of(instance), state, item, at);
  }

  /** In the order of the trace: an event's own time may be a little before what was known last. */
  #enter(instance: Instance, state: string, id: ItemId, at: number): RunStateItem {
    const previous = this.#current.get(instance.id);
    const startUs = Math.max(at, previous?.startUs ?? -Infinity);
    if (previous !== undefined) previous.endUs = startUs;
    const item: RunStateItem = {
      kind: 'run-state',
      id,
      startUs,
      endUs: Infinity,
      instance: instance.id,
      state,
    };
    this.#current.set(instance.id, item);
    instance.runStates.add(item);
    return item;
  }

  #of(id: number): Mutable<Instance> {
    let instance = this.#byId.get(id);
    if (instance === undefined) {
      instance = {
        id,
        side: 'source',
        pid: undefined,
        emulator: undefined,
        version: undefined,
        runStates: new Track(),
        exchanges: new Rows(),
        marks: new Track(),
        output: new Track(),
      };
      this.#byId.set(id, instance);
      this.#tell(instance);
    }
    return instance;
  }

  #tell(instance: Mutable<Instance>): void {
    if (this.#plan === undefined) return;
    const { from, to } = this.#plan;
    const isSource = instance.id === from.id;
    instance.side = isSource ? 'source' : 'target';
    instance.emulator = (isSource ? from : to).emulator;
    instance.version = (isSource ? from : to).version;
    if (isSource) instance.pid = from.pid;
  }
}
