/** What goes on that another client has begun, and where that is told. */
import type { EmulatorCatalog } from '../emulators/catalog';
import { SidestepError } from '../errors';
import type { Journal, JournalEntry } from '../migration/journal';
import type { Domain } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import type { Trace } from '../trace/trace';

export interface Resumed {
  readonly state: StateFolder;
  readonly emulators: EmulatorCatalog;
  readonly journal: Journal;
  readonly trace: Trace;
  /** As it is now. */
  readonly domain: Domain;
  readonly entries: readonly JournalEntry[];
  readonly signal: AbortSignal;
}

/** Whether a step may have been taken: it was announced before. */
export function isAnnounced(entries: readonly JournalEntry[], name: string): boolean {
  return entries.some((entry) => entry.kind === 'step' && entry.step === name);
}

/** @param where what the user should look at, and what ends it */
export function undecided(domain: Domain, where: string): SidestepError {
  return new SidestepError(
    'RECOVERY_UNDECIDED',
    `A migration of domain "${domain.name}" was cut off, and where the guest can go on safely is not certain. Nothing more was done.`,
    { outcome: 'undecided', instance: domain.source, hint: where },
  );
}
