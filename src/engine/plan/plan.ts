/**
 * The plan of a local migration: what the source's command line names on the host, what is done
 * about each, and the command line the target is started with. Data only; `make-plan.ts` makes it.
 */
import type { Emulator } from '../../qemu/emulator';
import type { Mode } from '../mode';
import type { EmulatorComparison } from './comparison';

/** What is named. `other` is what no rule knows. */
export type ResourceKind =
  | 'monitor'
  | 'chardev'
  | 'gdbstub'
  | 'log'
  | 'pidfile'
  | 'display'
  | 'network'
  | 'disk'
  | 'firmware'
  | 'ram'
  | 'machine'
  | 'cpu'
  | 'device'
  | 'secret'
  | 'startup'
  | 'other';

/**
 * - `share`: both instances name the same one
 * - `unique`: the target has its own, for good
 * - `take-back`: the target has its own for the overlap, and takes over the source's once that is gone
 * - `pin`: what an alias or default hides is written out
 * - `drop`: left out at the target's start: ours to set
 * - `refuse`: cannot be carried over; a blocker says why
 */
export type ResourceAction = 'share' | 'unique' | 'take-back' | 'pin' | 'drop' | 'refuse';

export interface Resource {
  /** As on the command line: `-chardev`. */
  readonly option: string;
  readonly kind: ResourceKind;
  readonly action: ResourceAction;
  /** The path, address or value at the source, and at the target; undefined where there is none. */
  readonly source: string | undefined;
  readonly target: string | undefined;
  /** One sentence for the user. */
  readonly reason: string;
}

/** One move that gives the target an address of the source, once the source is gone. */
export type TakeBack =
  /** `rename(2)` of the listener's socket file: nobody is disconnected. */
  | { readonly by: 'rename'; readonly what: string; readonly from: string; readonly to: string }
  /** QMP command on the target. */
  | {
      readonly by: 'qmp';
      readonly what: string;
      readonly to: string;
      readonly command: string;
      readonly arguments: Readonly<Record<string, unknown>>;
    }
  /** Human monitor command on the target; anything it prints is its failure, but for `success`. */
  | {
      readonly by: 'hmp';
      readonly what: string;
      readonly to: string;
      readonly commandLine: string;
      /** What has to come first where it may have been done before. */
      readonly inverse?: string;
      /** How what it prints begins when it is done. */
      readonly success?: string;
    };

/** A network interface that the target gets on the host. */
export interface Tap {
  readonly device: string;
  /** What it is plugged into. */
  readonly bridge: string;
  readonly multiQueue: boolean;
}

/** Why nothing is started, or what the user should know. */
export interface Finding {
  /** Stable, in capitals: `VFIO_DEVICE`. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface Plan {
  /** The mode taken; for a plan with blockers the one that was asked for or fits best. */
  readonly mode: Mode;
  /** For each faster mode not taken, why. */
  readonly fasterModes: readonly { readonly mode: Mode; readonly reason: string }[];
  readonly arguments: {
    /** The definition's arguments, the program aside. */
    readonly source: readonly string[];
    /** What the target is started with, the program aside; `-incoming` and the engine's monitor included. */
    readonly target: readonly string[];
  };
  readonly resources: readonly Resource[];
  readonly takeBacks: readonly TakeBack[];
  /** To be there before the target is started. */
  readonly taps: readonly Tap[];
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
  /**
   * The definition as it is to be after the migration: addresses as the owner wrote them, aliases
   * pinned, start-up options gone. The next migration's plan starts from it.
   */
  readonly definition: readonly string[];
}

/** What was read off the host about the guest RAM of the running source. */
export interface RamEvidence {
  /** Paths on the command line whose very inode is mapped by the source's process. */
  readonly mappedFiles: ReadonlySet<string>;
}

/** A file that the command line names, as the host has it. */
export interface NamedFile {
  readonly isThere: boolean;
  /** For the user whom QEMU runs as. */
  readonly isReadable: boolean;
  /** Whether the source has this very file open; undefined where that is not ours to see. */
  readonly isOpen: boolean | undefined;
  /** Another process than the source, if a lock of its keeps a second QEMU from the file. */
  readonly lockedBy: string | undefined;
}

/** The host's memory while the source runs, in bytes. */
export interface HostMemory {
  /** What can be had without taking it from anybody; swap included. */
  readonly available: number;
  /** What the source has of it. */
  readonly resident: number;
  /** Of the huge pages that are taken where no size is named. */
  readonly hugePageSize: number;
  /** Free huge pages, by their size. */
  readonly freeHugePages: ReadonlyMap<number, number>;
  /** Free space of the file systems that guest RAM lies on, by its folder. */
  readonly freeSpace: ReadonlyMap<string, number>;
}

/** The running source, as its monitor and `/proc` show it. Absent for a plan from text alone. */
export interface SourceEvidence {
  /** `pc-q35-7.2`, from `qom-get /machine type`. */
  readonly machineType: string;
  readonly ram: RamEvidence;
  /** Reasons QEMU itself gives (`query-migrate`, `blocked-reasons`). */
  readonly blockedReasons: readonly string[];
  /** `-machine aux-ram-share` of the running machine; undefined where the emulator has none. */
  readonly auxRamShare: boolean | undefined;
  /** Addresses VNC really listens on, in order (`query-vnc-servers`): `0.0.0.0:5907`. */
  readonly vncAddresses: readonly string[];
  /** By path; what could not be looked at is missing in it. */
  readonly files: ReadonlyMap<string, NamedFile>;
  readonly memory: HostMemory;
  /** The bridge that each tap of the command line is plugged into. */
  readonly bridges: ReadonlyMap<string, string>;
}

export interface PlanRequest {
  /** Arguments of the domain's definition, the program aside; paths absolute. */
  readonly definition: readonly string[];
  readonly source: { readonly emulator: Emulator; readonly evidence: SourceEvidence | undefined };
  readonly target: {
    readonly emulator: Emulator;
    /** The instance's own folder: every unique path lies directly in it. */
    readonly directory: string;
  };
  /** What the target's emulator lacks of the source's; undefined where nobody has looked, or both are one. */
  readonly comparison?: EmulatorComparison | undefined;
  readonly mode: Mode | 'auto';
  /** libvirt is to have the domain right after, and opens its displays where they were. */
  readonly handedBack?: boolean | undefined;
}
