/**
 * A domain that Sidestep starts is made ready for the fast modes: its RAM in a file or memfd that
 * a target can map too, and `aux-ram-share` where the emulator has it.
 */
import { CommandLine, option, type Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import { escapeValue, Properties } from '../../qemu/commandline/properties';
import { parseSize } from '../../qemu/commandline/size';
import { defaultMachine, resolveMachine, type Emulator } from '../../qemu/emulator';
import { SidestepError } from '../errors';

/** Where guest RAM is to lie: a shared file, a shared memfd, or as the command line has it. */
export const ramPlaces = ['file', 'memfd', 'as-is'] as const;
export type RamPlace = (typeof ramPlaces)[number];

export interface UpgradeReady {
  readonly definition: readonly string[];
  /** The file the guest's RAM lies in, if one was added. */
  readonly ramFile: string | undefined;
  /** What was done, or why it was not, for the user. */
  readonly remark: string;
}

/** Bytes of guest RAM that `-m` asks for (QEMU: MiB without a suffix; 128 MiB without `-m`). */
export function ramSize(commandLine: CommandLine): number {
  const memory = commandLine.options.findLast(({ name }) => name === 'm')?.value;
  if (memory === undefined) return 128 * 1024 ** 2;
  const size = Properties.parse(memory, 'size').get('size') ?? '128';
  const bytes = parseSize(size, 'M');
  if (bytes !== undefined) return bytes;
  throw new SidestepError('BAD_RAM_SIZE', `-m ${memory}: "${size}" is no size of guest RAM.`, {
    hint: 'Write it as -m 2G or -m 2048.',
  });
}

export function makeUpgradeReady(
  definition: readonly string[],
  emulator: Emulator,
  place: RamPlace,
  ramFile: string,
): UpgradeReady {
  const commandLine = CommandLine.parse(definition);
  const asIs = (remark: string): UpgradeReady => ({ definition, ramFile: undefined, remark });
  if (place === 'as-is') return asIs('Guest RAM as the command line has it.');
  const own = ownRam(commandLine.options);
  if (own !== undefined) return asIs(`Guest RAM as ${own} has it.`);

  const machineName = machineOf(commandLine.options);
  const machine =
    machineName === undefined ? defaultMachine(emulator) : resolveMachine(emulator, machineName);
  if (machine?.defaultRamId === undefined) {
    return asIs('This machine type takes no memory backend, so its RAM will be copied.');
  }
  const size = `${ramSize(commandLine)}`;
  const id = machine.defaultRamId;
  const backend =
    place === 'file'
      ? `memory-backend-file,id=${id},size=${size},mem-path=${escapeValue(ramFile)},share=on`
      : `memory-backend-memfd,id=${id},size=${size},share=on`;
  const auxRamShare = emulator.options.get('machine')?.has('aux-ram-share') === true;
  const additions = [`memory-backend=${id}`, ...(auxRamShare ? ['aux-ram-share=on'] : [])];
  return {
    definition: CommandLine.of([
      ...withMachine(commandLine.options, machine.name, additions),
      option('object', backend),
    ]).toArguments(),
    ramFile: place === 'file' ? ramFile : undefined,
    remark:
      place === 'file'
        ? `Guest RAM in the shared file ${ramFile}: a migration copies none of it.`
        : 'Guest RAM in a shared memfd.',
  };
}

/** The option that says by itself where guest RAM lies, if there is one. */
function ownRam(options: readonly Option[]): string | undefined {
  const found = options.find((each) => {
    if (each.name === 'mem-path' || each.name === 'numa') return true;
    return each.name === 'machine' && propertiesOf(each).has('memory-backend');
  });
  return found && `${found.flag} ${found.value ?? ''}`.trim();
}

function machineOf(options: readonly Option[]): string | undefined {
  return options
    .filter(({ name }) => name === 'machine')
    .map((machine) => propertiesOf(machine).get('type'))
    .findLast((type) => type !== undefined);
}

function withMachine(
  options: readonly Option[],
  defaultType: string,
  additions: readonly string[],
): Option[] {
  const last = options.findLastIndex(({ name }) => name === 'machine');
  if (last < 0) return [option('machine', [defaultType, ...additions].join(',')), ...options];
  return options.map((each, index) =>
    index === last ? { ...each, value: [each.value ?? '', ...additions].join(',') } : each,
  );
}
