/** The QEMU processes of a trace: which side they are when, and what each of them was doing. */
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

/** What an instance is in a migration, and in those after it in which it is nothing else. */
export interface Role {
  /** Of the migration: which of the trace's it is, from 0. */
  readonly hop: number;
  readonly side: Side;
}

export interface Instance {
  readonly id: number;
  /** In the order of the migrations; at least one. */
  readonly roles: readonly [Role, ...Role[]];
  /** `libvirt`; undefined is the engine. */
  readonly manager: string | undefined;
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
  /** Of the migration under way. */
  #plan: RecordOf<'plan'> | undefined;
  #hop = 0;

  get list(): readonly Instance[] {
    const rank = ({ roles: [{ hop, side }] }: Instance) => 2 * hop + (side === 'source' ? 0 : 1);
    return [...this.#byId.values()].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
  }

  get(id: number | undefined): Instance | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  of(id: number): Instance {
    return this.#of(id);
  }

  /** Another migration begins. */
  begin(hop: number): void {
    this.#hop = hop;
    this.#plan = undefined;
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
    if (to === 'remote') this.#become(instance, 'target');
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
      if (this.#plan === undefined) this.#become(instance, isIncoming ? 'target' : 'source');
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
    // Asked again, it is what it was.
    if (previous?.state === state) return previous;
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
        roles: [{ hop: this.#hop, side: 'source' }],
        manager: undefined,
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
    // Whoever had the guest before has no part in it any more.
    if (!isSource && instance.roles[0].hop < this.#hop) return;
    this.#become(instance, isSource ? 'source' : 'target');
    const { emulator, version, manager } = isSource ? from : to;
    Object.assign(instance, { emulator, version, manager });
    if (isSource) instance.pid = from.pid;
  }

  #become(instance: Mutable<Instance>, side: Side): void {
    const role = { hop: this.#hop, side };
    const before = instance.roles.filter(({ hop }) => hop < this.#hop);
    const isSame = before.at(-1)?.side === side;
    const [first = role, ...others] = isSame ? before : [...before, role];
    instance.roles = [first, ...others];
  }
}

/** What an instance is in a migration. */
export function sideIn({ roles }: Instance, hop: number): Side {
  return (roles.findLast((role) => role.hop <= hop) ?? roles[0]).side;
}
