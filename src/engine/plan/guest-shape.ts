/** What of a definition decides what has to be asked of an emulator. */
import { CommandLine, type Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import type { GuestShape } from '../../qemu/comparison/guest-probe';
import { defaultMachine, resolveMachine, type Emulator } from '../../qemu/emulator';
import { machineProperties } from './guest-ram';

const acceleratorOptions: ReadonlySet<string> = new Set(['accel', 'enable-kvm']);

/** @returns undefined where the machine is not one that the emulator knows */
export function guestShape(
  definition: readonly string[],
  emulator: Emulator,
): GuestShape | undefined {
  const commandLine = CommandLine.parse(definition);
  const machine = machineProperties(commandLine);
  const written = machine.get('type');
  const known =
    written === undefined ? defaultMachine(emulator) : resolveMachine(emulator, written);
  if (known === undefined) return undefined;
  const named = (name: string) => commandLine.options.filter((option) => option.name === name);
  return {
    machine: known.name,
    accelerator: acceleratorArguments(commandLine),
    cpu: named('cpu').at(-1)?.value ?? known.defaultCpuType?.replace(/-[^-]+-cpu$/, ''),
    devices: typesIn(named('device'), 'driver'),
    objects: typesIn(named('object'), 'qom-type'),
  };
}

/** Whether QEMU itself runs the guest's instructions (TCG), as it does where nothing is said. */
export function isEmulated(definition: CommandLine): boolean {
  const [option, accelerator] = acceleratorArguments(definition);
  return option === undefined || /^tcg\b/.test(accelerator ?? '');
}

/** The first is the one that QEMU takes, if it can. */
function acceleratorArguments(definition: CommandLine): string[] {
  const accelerator = machineProperties(definition).get('accel');
  return [
    ...(accelerator === undefined ? [] : ['-accel', accelerator.split(':')[0] ?? '']),
    ...definition.options
      .filter(({ name }) => acceleratorOptions.has(name))
      .flatMap((option) => CommandLine.of([option]).toArguments()),
  ];
}

function typesIn(options: readonly Option[], key: string): string[] {
  return [...new Set(options.flatMap((option) => propertiesOf(option).get(key) ?? []))].sort();
}
