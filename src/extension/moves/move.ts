/** What moves a running domain onto another QEMU: how it is begun, and how its end is told. */
import type { MigrateOptions } from '../../engine/migration/migrate';
import type { TakenBack } from '../../engine/migration/migration';
import type { Outcome } from '../../engine/trace/record';
import type { DomainSubject } from '../actions/subjects';

export interface Move {
  /** While it is under way. */
  readonly title: (name: string) => string;
  /** @throws like the engine's */
  readonly run: (subject: DomainSubject, options: MigrateOptions) => Promise<Moved>;
  /** @param outcome where the guest is; undefined if that is not known */
  readonly failure: (name: string, outcome: Outcome | undefined) => string;
  readonly cancelled: (name: string) => string;
  /**
   * How else it is told if the domain was libvirt's, and has become Sidestep's: it got half of the way.
   */
  readonly halfWay?: HalfWay;
}

/** It went through. */
export interface Moved {
  readonly text: string;
  readonly takenBack: readonly TakenBack[];
  /** It can be handed back to libvirt. */
  readonly isFromLibvirt: boolean;
}

export interface HalfWay {
  readonly failure: (name: string) => string;
  readonly cancelled: (name: string) => string;
}
