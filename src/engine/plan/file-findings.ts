/** What stands against opening the files a second time that both instances are to use. */
import type { CommandLine, Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import { pathsIn } from './path-places';
import type { Finding, NamedFile, Resource } from './plan';

/** QEMU holds these open as long as they are in use. */
const imageOptions: ReadonlySet<string> = new Set([
  ...['drive', 'blockdev', 'hda', 'hdb', 'hdc', 'hdd', 'pflash', 'mtdblock', 'sd'],
]);

export function fileFindings(
  resources: readonly Resource[],
  definition: CommandLine,
  files: ReadonlyMap<string, NamedFile>,
): Finding[] {
  const images = new Set(
    definition.options.filter((option) => isImage(option, definition)).flatMap(pathsIn),
  );
  return resources.flatMap((resource) => {
    const { action, source: path = '' } = resource;
    const file = files.get(path);
    return action === 'share' && file !== undefined
      ? (finding(resource, path, file, images.has(path)) ?? [])
      : [];
  });
}

function finding(
  { kind, option }: Resource,
  path: string,
  { isThere, isReadable, isOpen, lockedBy }: NamedFile,
  isImage: boolean,
): Finding | undefined {
  const isDisk = kind === 'disk';
  const what = isDisk ? 'disk image' : kind === 'firmware' ? 'firmware' : 'file';
  if (!isThere) {
    return {
      code: isDisk
        ? 'DISK_MISSING'
        : kind === 'firmware' && isImage
          ? 'NVRAM_MISSING'
          : 'FILE_MISSING',
      message: `The ${what} ${path} (${option}) is gone: the source ${isImage ? 'has it open' : 'has read it'}, and the target could not.`,
      hint: isImage
        ? `Put it back: what the source has open is still there as \`ls -l /proc/PID/fd\` shows it.`
        : 'Put it back.',
    };
  }
  if (!isReadable && kind !== 'chardev') {
    return {
      code: isDisk ? 'DISK_UNREADABLE' : 'FILE_UNREADABLE',
      message: `The user whom the target is to run as may not read the ${what} ${path} (${option}).`,
      hint: 'Give that user access to it, or migrate as one who has it.',
    };
  }
  if (isImage && isOpen === false) {
    return {
      code: isDisk ? 'DISK_REPLACED' : 'FILE_REPLACED',
      message: `The file that is now at ${path} (${option}) is not the one that the source has open: the guest would go on with another ${what}.`,
      hint: 'It was replaced or unplugged after the start. Put the one back that the guest uses.',
    };
  }
  if (lockedBy !== undefined) {
    return {
      code: 'DISK_LOCKED',
      message: `The ${what} ${path} (${option}) is locked by ${lockedBy}: neither the target nor, after a failure, the source could take it.`,
      hint: 'End that process (a backup, qemu-img, qemu-nbd, another VM).',
    };
  }
  return undefined;
}

/** A medium that can be ejected may not be in. */
function isImage(option: Option, definition: CommandLine): boolean {
  if (!imageOptions.has(option.name)) return option.flag === '';
  if (option.name !== 'drive' && option.name !== 'blockdev') return true;
  const properties = propertiesOf(option);
  if (properties.get('media') === 'cdrom' || properties.get('if') === 'floppy') return false;
  const names = [properties.get('id'), properties.get('node-name')].filter(
    (name) => name !== undefined,
  );
  const drives = removableDrives(definition);
  return !names.some((name) => drives.has(name));
}

/** What a CD-ROM or floppy drive reads from: the block nodes it names, and those below. */
function removableDrives(definition: CommandLine): ReadonlySet<string> {
  const optionsOf = (name: string) =>
    definition.options
      .filter((option) => option.name === name)
      .map((option) => propertiesOf(option));
  const found = new Set(
    optionsOf('device')
      .filter((device) => /-cd$|^floppy$|^isa-fdc$/.test(device.get('driver') ?? ''))
      .flatMap((device) => [device.get('drive'), device.get('driveA'), device.get('driveB')])
      .filter((drive) => drive !== undefined),
  );
  for (const node of optionsOf('blockdev').reverse()) {
    const below = node.get('file');
    if (below !== undefined && found.has(node.get('node-name') ?? '')) found.add(below);
  }
  return found;
}
