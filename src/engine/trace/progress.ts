/** How far a migration is, from its trace. */
import { kindOfHop, type HopKind } from './hops';
import { phases, type Phase, type TraceRecord } from './record';

export interface MigrationProgress {
  /** Which half of an upgrade of libvirt's domain it is, as soon as that is known. */
  readonly hop: HopKind | undefined;
  readonly phase: Phase | undefined;
  /** From 1; 0 before the first. */
  readonly phaseNumber: number;
  /** That was begun last in the phase. */
  readonly step: string | undefined;
  readonly mode: string | undefined;
  /** Undefined where RAM is not copied, or not yet. */
  readonly ram: RamProgress | undefined;
}

export interface RamProgress {
  /** Of 100: what is not left to be sent. */
  readonly percent: number;
  /** Bytes. */
  readonly total: number;
  /** Mbit/s. */
  readonly mbps: number | undefined;
  /** Passes over the guest's RAM. */
  readonly pass: number;
}

export const notBegun: MigrationProgress = {
  hop: undefined,
  phase: undefined,
  phaseNumber: 0,
  step: undefined,
  mode: undefined,
  ram: undefined,
};

/** For a reader: a phase is a name of its own, in every language. */
export function phaseTitle(phase: Phase): string {
  return phase.charAt(0).toUpperCase() + phase.slice(1);
}

/** @returns the same object if the record tells nothing of the progress */
export function afterRecord(before: MigrationProgress, record: TraceRecord): MigrationProgress {
  switch (record.type) {
    case 'plan':
      return { ...before, hop: kindOfHop(record), mode: record.mode };
    case 'phase': {
      if (record.edge !== 'begin') return before;
      const { phase } = record;
      const phaseNumber = phases.indexOf(phase) + 1;
      const isNext = phaseNumber <= before.phaseNumber;
      return { ...(isNext ? nextHop(before) : before), phase, phaseNumber, step: undefined };
    }
    case 'step':
      return record.edge === 'begin' ? { ...before, step: record.step } : before;
    case 'ram': {
      const { total, remaining, mbps, dirtySyncCount = 1 } = record;
      // Modes that copy no RAM have nothing to tell.
      if (total === 0) return before;
      const left = Math.min(remaining, total);
      const percent = Math.floor(((total - left) / total) * 100);
      return { ...before, ram: { percent, total, mbps, pass: dirtySyncCount } };
    }
    default:
      return before;
  }
}

/** What has left libvirt is on its way back. */
function nextHop({ hop }: MigrationProgress): MigrationProgress {
  return { ...notBegun, hop: hop === 'from-libvirt' ? 'to-libvirt' : undefined };
}
