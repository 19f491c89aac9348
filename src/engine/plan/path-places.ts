/**
 * Where the options of QEMU name paths of the host. One table, for whoever wants to see or change
 * every path on a command line.
 */
import type { Option } from '../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../qemu/commandline/option-properties';
import { Properties } from '../../qemu/commandline/properties';

type Change = (path: string) => string;
type Place = (option: Option, change: Change) => Option;

/** The value is a path as a whole. */
const whole: Place = (option, change) => withValue(option, change(option.value ?? ''));

/** The value is the name of a disk image. */
const image: Place = (option, change) => withValue(option, inFileName(option.value ?? '', change));

/** The values of some keys are paths. */
function keys(pattern: RegExp, read: typeof inFileName = inPath): Place {
  return (option, change) =>
    withValue(
      option,
      changeValues(propertiesOf(option), pattern, (value) => read(value, change)),
    );
}

/** A path that is looked up in QEMU's data folders too, unless it has a slash. */
function searched(place: Place): Place {
  return (option, change) => place(option, (path) => (path.includes('/') ? change(path) : path));
}

/** A key as a whole or as the last part of a dotted one. */
const blockFileKeys = /(^|\.)(filename|conf)$|(^|\.)server(\.\d+)?\.path$/;
const driveFileKeys = /(^|\.)(filename|file|conf)$|(^|\.)server(\.\d+)?\.path$/;
const networkKeys = /^(smb|tftp|path|script|downscript|helper|vhostdev|(addr|local|remote)\.path)$/;

const places: Readonly<Record<string, Place>> = {
  D: whole,
  L: whole,
  acpitable: keys(/^(file|data)$/, (value, change) =>
    value
      .split(':')
      .map((path) => inPath(path, change))
      .join(':'),
  ),
  audiodev: keys(/^path$/),
  bios: searched(whole),
  blockdev: keys(blockFileKeys),
  boot: searched(keys(/^splash$/)),
  cdrom: image,
  chardev: characterDevice,
  chroot: whole,
  debugcon: shortForm,
  device: deviceFiles,
  display: unixDisplay,
  drive: keys(driveFileKeys, inFileName),
  dtb: whole,
  'dump-vmstate': whole,
  fda: image,
  fdb: image,
  fsdev: keys(/^(path|socket)$/),
  fw_cfg: keys(/^file$/),
  gdb: shortForm,
  hda: image,
  hdb: image,
  hdc: image,
  hdd: image,
  icount: keys(/^rrfile$/),
  initrd: whole,
  kernel: whole,
  machine: machineFiles,
  'mem-path': whole,
  monitor: shortForm,
  mtdblock: image,
  net: keys(networkKeys),
  netdev: keys(networkKeys),
  nic: keys(networkKeys),
  object: keys(/^(mem-path|file|filename|dir|path|loadparm|evdev|passwordfile|conf)$/),
  'option-rom': searched(keys(/^romfile$/)),
  parallel: shortForm,
  pflash: image,
  pidfile: whole,
  plugin: keys(/^file$/),
  qmp: shortForm,
  'qmp-pretty': shortForm,
  'qtest-log': whole,
  readconfig: whole,
  sd: image,
  serial: shortForm,
  shim: whole,
  smbios: keys(/^file$/),
  spice: spiceFiles,
  tpmdev: keys(/^(path|cancel-path)$/),
  trace: keys(/^(file|events)$/),
  virtfs: keys(/^(path|socket)$/),
  vnc: unixDisplay,
  writeconfig: whole,
};

/** The option with every path of the host in it replaced by what `change` makes of it. */
export function mapPaths(option: Option, change: Change): Option {
  return option.value === undefined ? option : (places[option.name]?.(option, change) ?? option);
}

/** Every path of the host that the option names, as written, in order. */
export function pathsIn(option: Option): string[] {
  const paths: string[] = [];
  mapPaths(option, (path) => {
    paths.push(path);
    return path;
  });
  return paths;
}

/** Whether a name given where a disk image is expected says how to reach it: `nbd:`, `fat:`. */
export function hasProtocol(fileName: string): boolean {
  return /^[^/:]*:/.test(fileName);
}

function inPath(path: string, change: Change): string {
  return path === '' ? path : change(path);
}

/** A file name as `bdrv_open` reads it: a path, `file:` and a path, or another protocol's. */
function inFileName(name: string, change: Change): string {
  if (name.startsWith('file:')) return `file:${inPath(name.slice(5), change)}`;
  return hasProtocol(name) ? name : inPath(name, change);
}

function changeValues(
  properties: Properties,
  pattern: RegExp,
  change: (value: string) => string,
): Properties {
  return properties
    .entries()
    .filter(({ key }) => pattern.test(key))
    .reduce((changed, { key, value }) => changed.with(key, change(value)), properties);
}

function characterDevice(option: Option, change: Change): Option {
  const isAbstract = propertiesOf(option).flag('abstract') === true;
  return keys(isAbstract ? /^(logfile)$/ : /^(path|logfile|input-path)$/)(option, change);
}

/** `unix:PATH,server=on`, `file:PATH` and `pipe:PATH`, with or without `mon:`. */
function shortForm(option: Option, change: Change): Option {
  const match = /^((?:mon:)?(unix|file|pipe):)(.*)$/s.exec(option.value ?? '');
  if (match === null) return option;
  const [, prefix = '', kind, rest = ''] = match;
  if (kind !== 'unix') return withValue(option, prefix + inPath(rest, change));
  const socket = Properties.parse(rest, 'path');
  if (socket.flag('abstract') === true) return option;
  const changed = changeValues(socket, /^path$/, (path) => inPath(path, change));
  return withValue(option, prefix + changed.toString());
}

/** `-vnc unix:PATH` and `-display vnc=unix:PATH`. */
function unixDisplay(option: Option, change: Change): Option {
  const changed = changeValues(propertiesOf(option), /^(vnc|rendernode)$/, (value) =>
    value.startsWith('unix:')
      ? `unix:${inPath(value.slice(5), change)}`
      : value.startsWith('/')
        ? change(value)
        : value,
  );
  return withValue(option, changed);
}

/** The address is a path if it is one of a unix socket. */
function spiceFiles(option: Option, change: Change): Option {
  const isUnix = propertiesOf(option).flag('unix') === true;
  const pattern = /^(x509-(dir|(key|cert|cacert|dh-key)-file)|rendernode)$/;
  return keys(isUnix ? new RegExp(`^addr$|${pattern.source}`) : pattern)(option, change);
}

function deviceFiles(option: Option, change: Change): Option {
  return searched(keys(/^romfile$/))(
    keys(/^(file|path|filename|evdev|rootdir)$/)(option, change),
    change,
  );
}

function machineFiles(option: Option, change: Change): Option {
  return searched(keys(/^firmware$/))(
    keys(/^(kernel|initrd|dtb|shim|dumpdtb)$/)(option, change),
    change,
  );
}
