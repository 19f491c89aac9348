/** What the target's emulator lacks of what the source's has, as far as one guest makes use of it. */
import type { StateDifference } from '../../qemu/comparison/compare-states';

/** Names of what the source's emulator knows, and the target's does not. Data only. */
export interface EmulatorComparison {
  /** Options of the command line, without dashes. */
  readonly options: readonly string[];
  /** Types of devices and objects. */
  readonly types: readonly string[];
  /** Properties, by type. */
  readonly properties: Readonly<Record<string, readonly string[]>>;
  /** Features that the guest's CPU has at the source. */
  readonly cpuFeatures: readonly string[];
  /** What the target printed, if it does not come up with the guest's machine and CPU. */
  readonly failure: string | undefined;
  /** What the target cannot read of the state that the source sends, by type of device. */
  readonly states: Readonly<Record<string, readonly StateDifference[]>>;
}
