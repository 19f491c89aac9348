/** What the command line says about the guest's RAM. */
import { CommandLine, type Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import { Properties } from '../../qemu/commandline/properties';
import { parseSize } from '../../qemu/commandline/size';

export interface RamBackend {
  readonly id: string;
  /** `memory-backend-file` */
  readonly type: string;
  /** Mapped shared, so that another process that maps it sees the same memory. */
  readonly share: boolean;
  /** Of a memory-backend-file. */
  readonly path: string | undefined;
  /** Its process empties the file when it ends. */
  readonly discardsData: boolean;
}

export interface GuestRam {
  /** In the order of the command line, those of memory devices included. */
  readonly backends: readonly RamBackend[];
  /** Ids of those that hold the main RAM; none where QEMU makes the RAM by itself. */
  readonly main: ReadonlySet<string>;
  /** Ids of those that are a guest's persistent memory (`-device nvdimm,memdev=`). */
  readonly persistent: ReadonlySet<string>;
  /** `-mem-path` */
  readonly memPath: string | undefined;
}

export function readGuestRam(definition: CommandLine): GuestRam {
  const backends = definition.options
    .map((option) => ramBackend(option))
    .filter((backend) => backend !== undefined);
  const main = [
    machineProperties(definition).get('memory-backend'),
    ...valuesOf(definition, 'numa', 'memdev'),
  ];
  return {
    backends,
    main: new Set(main.filter((id) => id !== undefined)),
    persistent: new Set(
      definition.options
        .filter((option) => option.name === 'device')
        .map((option) => propertiesOf(option))
        .filter((device) => /nvdimm|virtio-pmem/.test(device.get('driver') ?? ''))
        .flatMap((device) => device.get('memdev') ?? []),
    ),
    memPath: definition.options.findLast((option) => option.name === 'mem-path')?.value,
  };
}

/** The backend that an `-object` makes, if it makes one. */
export function ramBackend(option: Option): RamBackend | undefined {
  if (option.name !== 'object') return undefined;
  const properties = propertiesOf(option);
  const type = properties.get('qom-type') ?? '';
  if (!type.startsWith('memory-backend-')) return undefined;
  // QEMU shares memfd and shm unless told otherwise, and nothing else.
  const shareByDefault = type === 'memory-backend-memfd' || type === 'memory-backend-shm';
  return {
    id: properties.get('id') ?? '',
    type,
    share: properties.flag('share') ?? shareByDefault,
    path: properties.get('mem-path'),
    discardsData: properties.flag('discard-data') === true,
  };
}

/** Bytes that `-m` asks for (without a suffix MiB; 128 MiB without `-m`). */
export function mainRamSize(definition: CommandLine): number {
  const memory = definition.options.findLast(({ name }) => name === 'm')?.value ?? '128';
  const size = Properties.parse(memory, 'size').get('size') ?? '128';
  return parseSize(size, 'M') ?? 0;
}

/** All `-machine` options as the one that QEMU makes of them. */
export function machineProperties(definition: CommandLine): Properties {
  return definition.options
    .filter((option) => option.name === 'machine')
    .flatMap((option) => propertiesOf(option).entries())
    .reduce((merged, { key, value }) => merged.with(key, value), Properties.parse(''));
}

/** A folder for huge pages: QEMU makes an unnamed file in it, each instance its own. */
export function isHugePages(path: string): boolean {
  return path.includes('hugepages') || path.includes('hugetlbfs');
}

/** Whether an instance of these arguments has guest RAM in huge pages. */
export function isInHugePages(argv: readonly string[]): boolean {
  return CommandLine.parse(argv).options.some(
    (option) =>
      (option.name === 'mem-path' && isHugePages(option.value ?? '')) ||
      (ramBackend(option) !== undefined &&
        (isHugePages(ramBackend(option)?.path ?? '') ||
          propertiesOf(option).flag('hugetlb') === true)),
  );
}

function valuesOf(definition: CommandLine, name: string, key: string): (string | undefined)[] {
  return definition.options
    .filter((option) => option.name === name)
    .map((option) => propertiesOf(option).get(key));
}

/** Paths of files that hold guest RAM which another process may map too. */
export function sharedRamFiles(definition: readonly string[]): string[] {
  return readGuestRam(CommandLine.parse(definition)).backends.flatMap(({ share, path }) =>
    share && path !== undefined ? path : [],
  );
}
