/** What libvirt's log tells of its domains, one thing each. */

export const migrationPhases = ['begin', 'prepare', 'perform', 'finish', 'confirm'] as const;
export type MigrationPhase = (typeof migrationPhases)[number];

interface Common {
  /**
   * µs since the Unix epoch on the clock of libvirt's host: of an event by QEMU's own account, of
   * all else known to the millisecond.
   */
  readonly at: number;
  /** The domain's name. */
  readonly domain: string;
}

/** One QMP message between libvirt and a QEMU. */
export interface MessageEntry extends Common {
  readonly type: 'message';
  /**
   * Which connection, counted through the log: the pointers by which the log tells them apart are
   * used again.
   */
  readonly monitor: number;
  readonly kind: 'greeting' | 'command' | 'reply' | 'event';
  /** JSON; cut off where the log is. */
  readonly json: string;
}

/** libvirt has let go of a monitor: its QEMU has ended, or the daemon does. */
export interface MonitorClosedEntry extends Common {
  readonly type: 'monitor-closed';
  readonly monitor: number;
}

/** libvirt has started a QEMU, or ended it or seen it end. */
export interface ProcessEntry extends Common {
  readonly type: 'process';
  readonly edge: 'start' | 'exit';
  readonly pid: number;
  /** Why it ended: `destroyed`, `shutdown`, `migrated`, `crashed`, `failed` ... */
  readonly reason?: string;
}

/** A phase of libvirt's own migration begins or ends at this side. */
export interface PhaseEntry extends Common {
  readonly type: 'phase';
  readonly phase: MigrationPhase;
  readonly side: 'source' | 'target';
  readonly edge: 'begin' | 'end' | 'failed';
  /** Of Finish and Confirm: the migration has failed, the guest runs on at the source. */
  readonly isCancelled: boolean;
}

/** What libvirt has reported as an error while it migrated. */
export interface MigrationErrorEntry extends Common {
  readonly type: 'migration-error';
  readonly message: string;
}

export type LogEntry =
  MessageEntry | MonitorClosedEntry | ProcessEntry | PhaseEntry | MigrationErrorEntry;

/** An entry whose domain is told by what it is about. */
export type Unattributed = LogEntry extends infer Entry
  ? Entry extends LogEntry
    ? Omit<Entry, 'domain'>
    : never
  : never;
