/** What a failure is diagnosed from, and what a diagnosis says. Data only. */
import type { ProcessExit } from '../../host/process';
import type { ResourceKind } from '../plan/plan';
import { nothingLogged, type HostLog } from './host-log/host-log';

export interface Diagnosis {
  /** Stable: documented in docs/errors.md. */
  readonly code: string;
  /** One sentence that names the cause. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** A QEMU that did not do what it was started for, as it was left. */
export interface FailedInstance {
  /** As a sentence names it: `The target (instance 2, QEMU 10.0.13)`. */
  readonly name: string;
  readonly emulator: string;
  /** The end of what it printed. */
  readonly output: string;
  readonly hasEnded: boolean;
  /** How, where that is known. */
  readonly exit: ProcessExit | undefined;
}

export interface FailureEvidence {
  readonly instance: FailedInstance;
  /** Why the source's QEMU says that its migration failed (`error-desc`). */
  readonly sourceError: string | undefined;
  readonly ram: {
    readonly isInHugePages: boolean;
    /** Folder of the file that the target copies the guest's RAM to, if it does. */
    readonly folder: string | undefined;
  };
  /** What the host has logged of the instance's process. */
  readonly log: HostLog;
  /** Parts of devices' states (`i8259/ltim`) that the source may send and the target does not know. */
  readonly unknownSubsections: readonly string[];
  /** What the command line names on the host, to tell what a path in QEMU's words is to the guest. */
  readonly kindOf: (path: string) => ResourceKind | undefined;
}

/** @returns undefined where it does not know the failure */
export type Recogniser = (evidence: FailureEvidence) => Diagnosis | undefined;

/** Where nothing is known but the instance itself. */
export function evidenceOf(instance: FailedInstance): FailureEvidence {
  return {
    instance,
    sourceError: undefined,
    ram: { isInHugePages: false, folder: undefined },
    log: nothingLogged,
    unknownSubsections: [],
    kindOf: () => undefined,
  };
}
