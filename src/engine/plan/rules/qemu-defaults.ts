/** Which of its default devices QEMU makes, as `qemu_init` finds out. */
import type { CommandLine } from '../../../qemu/commandline/commandline';
import { propertiesOf } from '../../../qemu/commandline/option-properties';

export interface QemuDefaults {
  readonly serial: boolean;
  readonly parallel: boolean;
  readonly monitor: boolean;
  readonly display: boolean;
  readonly network: boolean;
}

export function qemuDefaults(definition: CommandLine): QemuDefaults {
  const names = new Set(definition.options.map(({ name }) => name));
  const drivers = new Set(
    definition.options
      .filter(({ name }) => name === 'device')
      .map((option) => propertiesOf(option).get('driver')),
  );
  const devices = !names.has('nodefaults');
  const none = (...options: string[]) => options.every((name) => !names.has(name));
  return {
    serial: devices && none('serial') && !drivers.has('isa-serial'),
    parallel: devices && none('parallel') && !drivers.has('isa-parallel'),
    monitor: devices && none('monitor', 'qmp', 'qmp-pretty', 'mon'),
    display: none('display', 'vnc', 'nographic', 'curses', 'sdl', 'spice'),
    network: devices && none('net', 'nic', 'netdev'),
  };
}
