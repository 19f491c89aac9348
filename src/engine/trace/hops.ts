/**
 * The migrations that one trace tells of, one after the other. Most tell of one; the upgrade of a
 * domain of libvirt's takes two hops: onto an instance of the engine's, and from there back to libvirt.
 */
import { phases, type Side, type TraceRecord } from './record';

type PlanRecord = Extract<TraceRecord, { type: 'plan' }>;

/** Finds where the next hop begins. */
export class HopFinder {
  /** Of each side, for in a log of two hosts their clocks may differ: its phase begun last. */
  readonly #begun = new Map<Side, number>();

  /** @returns whether another hop begins with this record; the first one begins with the trace */
  begins(record: TraceRecord): boolean {
    if (record.type !== 'phase' || record.edge !== 'begin') return false;
    const { phase, side } = record;
    const number = phases.indexOf(phase);
    const isNext = number <= (this.#begun.get(side) ?? -1);
    if (isNext) this.#begun.clear();
    this.#begun.set(side, number);
    return isNext;
  }
}

/** The records of each hop, in their order. */
export function hopsOf(records: readonly TraceRecord[]): readonly (readonly TraceRecord[])[] {
  const finder = new HopFinder();
  const hops: TraceRecord[][] = [];
  for (const record of records) {
    const isNext = finder.begins(record);
    const hop = hops.at(-1);
    if (hop === undefined || isNext) hops.push([record]);
    else hop.push(record);
  }
  return hops;
}

/** Whether it leads from libvirt to the engine, or back. */
export type HopKind = 'from-libvirt' | 'to-libvirt';

export function kindOfHop(plan: Pick<PlanRecord, 'from' | 'to'> | undefined): HopKind | undefined {
  if (plan?.to.manager === 'libvirt') return 'to-libvirt';
  return plan?.from.manager === 'libvirt' ? 'from-libvirt' : undefined;
}
