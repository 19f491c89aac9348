import type { CommandLine, Option } from '../../qemu/commandline/commandline';
import type { Mode } from '../mode';
import type { GuestRam } from './guest-ram';
import type { InstanceNames } from './instance-names';
import type { PlanRequest } from './plan';
import type { Verdict } from './verdict';

/** What a rule sees besides its option. */
export interface Context {
  readonly definition: CommandLine;
  readonly source: PlanRequest['source'];
  readonly target: PlanRequest['target'];
  /** Whether it is known what the target's emulator lacks of the source's. */
  readonly isCompared: boolean;
  readonly mode: Mode;
  /** libvirt is to have the domain right after. */
  readonly handedBack: boolean;
  readonly ram: GuestRam;
  /** The machine type that the domain is pinned to, once it is known. */
  readonly machineType: string | undefined;
  readonly names: InstanceNames;
  /** What is said about an option that another one stands for. */
  readonly judge: (option: Option) => Verdict;
}
