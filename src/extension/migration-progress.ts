/** How far a migration is, from its trace. */
import { phases, type Phase, type TraceRecord } from '../engine/trace/record';

export interface MigrationProgress {
  readonly phase: Phase | undefined;
  /** From 1; 0 before the first. */
  readonly phaseNumber: number;
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
  phase: undefined,
  phaseNumber: 0,
  mode: undefined,
  ram: undefined,
};

/** @returns the same object if the record tells nothing of the progress */
export function afterRecord(before: MigrationProgress, record: TraceRecord): MigrationProgress {
  switch (record.type) {
    case 'plan':
      return { ...before, mode: record.mode };
    case 'phase': {
      if (record.edge !== 'begin') return before;
      const { phase } = record;
      return { ...before, phase, phaseNumber: phases.indexOf(phase) + 1 };
    }
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
