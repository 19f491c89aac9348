import { ramPlaces } from '../../engine/domain/upgrade-ready';
import { parseChoice } from '../arguments';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { startedResult } from './started';

export const start = defineCommand({
  name: 'start',
  summary: 'Start a domain, made ready to be moved onto another QEMU later',
  operands: ['NAME'],
  rest: 'QEMU-ARGS',
  options: {
    emulator: { value: 'BIN', help: 'the QEMU binary, by default qemu-system-x86_64' },
    cwd: {
      value: 'DIR',
      help: 'where relative paths belong; by default the current folder, on a host behind SSH /',
    },
    ram: {
      value: ramPlaces.join('|'),
      help: 'where guest RAM lies; by default in a shared file if /dev/shm has room, else a memfd',
    },
  },
  help: `What stands behind -- goes to QEMU. Added to it are the domain's name and UUID, a monitor for
Sidestep, and guest RAM that a later migration need not copy; --ram as-is leaves RAM alone.
The domain outlives this command.`,
  async run({ values, operands: [name = ''], rest }, context) {
    const ram = values.ram === undefined ? undefined : parseChoice('ram', values.ram, ramPlaces);
    const engine = await context.engine();
    const started = await cancellable((signal) =>
      engine.start({
        name,
        emulator: context.program(values.emulator ?? 'qemu-system-x86_64'),
        arguments: rest,
        cwd: values.cwd === undefined ? context.folder : context.path(values.cwd),
        ram,
        signal,
      }),
    );
    return startedResult(started);
  },
});
