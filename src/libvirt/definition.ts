/**
 * What a domain's QEMU was started with by libvirt, as it would be without libvirt: descriptors that
 * it inherited become the paths they stand for, and what is only libvirt's own goes.
 */
import { CommandLine, type Option } from '../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../qemu/commandline/option-properties';
import type { CharacterDevice, DomainXml } from './domain-xml';

/** A resource that libvirt names by its domain's id, and removes when the domain ends. */
export interface OwnPath {
  readonly what: 'socket' | 'ram' | 'secret';
  readonly path: string;
}

export interface PlainDefinition {
  /** Arguments of QEMU, the program aside. */
  readonly definition: readonly string[];
  /** Descriptors that stand for nothing that is known by name. */
  readonly unknown: readonly string[];
  /** Files that QEMU's user must be able to write, which libvirt has opened for it. */
  readonly opened: readonly string[];
}

/**
 * @param args as in `/proc/PID/cmdline`, the program aside
 * @param rename where a path that goes with the domain's id lies from now on
 * @throws CommandLineError
 */
export function plainDefinition(
  args: readonly string[],
  xml: DomainXml,
  rename: (own: OwnPath) => string,
): PlainDefinition {
  const { options } = CommandLine.parse(args);
  const sets = new Map(options.flatMap((option) => fdSet(option) ?? []));
  const usesMasterKey = args.some((word) => /"?keyid"?[=:]"?masterKey0/.test(word));
  const unknown: string[] = [];
  const opened: string[] = [];
  const plain = options.flatMap((option): Option[] => {
    switch (option.name) {
      case 'add-fd':
        return [];
      case 'no-shutdown':
        // libvirt ends QEMU itself once it has seen why the guest has ended.
        return [];
      case 'chardev':
        return isMonitor(option) ? [] : [characterDevice(option)];
      case 'mon':
        return propertiesOf(option).get('chardev') === monitorId ? [] : [option];
      case 'netdev':
        return [network(option)];
      case 'object':
        return backend(option);
      case 'vnc':
      case 'spice':
        return [display(option)];
      default:
        return [option];
    }
  });
  return { definition: CommandLine.of(plain).toArguments(), unknown, opened };

  function characterDevice(option: Option): Option {
    let properties = propertiesOf(option);
    const id = properties.get('id') ?? '';
    const device = xml.characterDevices.find(({ alias }) => `char${alias}` === id);
    for (const key of ['path', 'logfile'] as const) {
      const set = /^\/dev\/fdset\/(\d+)$/.exec(properties.get(key) ?? '')?.[1];
      if (set === undefined) continue;
      const path = fileOf(sets.get(set), xml.characterDevices);
      if (path === undefined) unknown.push(`-chardev ${id}: ${key}=/dev/fdset/${set}`);
      else {
        opened.push(path);
        properties = properties.with(key, path);
      }
    }
    if (properties.has('fd')) {
      if (device?.path === undefined) unknown.push(`-chardev ${id}: fd=`);
      else {
        const isOwn = isNamedById(device.path);
        const path = isOwn ? rename({ what: 'socket', path: device.path }) : device.path;
        properties = properties.without('fd').with('path', path);
      }
    }
    return withValue(option, properties);
  }

  /** On a unix socket whose path libvirt chose. */
  function display(option: Option): Option {
    const properties = propertiesOf(option);
    const [key, prefix] = option.name === 'vnc' ? ['vnc', 'unix:'] : ['addr', ''];
    const address = properties.get(key) ?? '';
    const path = address.slice(prefix.length);
    if (!address.startsWith(prefix) || !isNamedById(path)) return option;
    const renamed = prefix + rename({ what: 'socket', path });
    return withValue(option, properties.with(key, renamed));
  }

  /** libvirt has opened its tap, and plugged it in. */
  function network(option: Option): Option {
    const properties = propertiesOf(option);
    if (properties.get('type') !== 'tap') return option;
    const id = properties.get('id') ?? '';
    const device = xml.taps.find(({ alias }) => `host${alias}` === id)?.device;
    if (device === undefined) {
      unknown.push(`-netdev ${id}: fd=`);
      return option;
    }
    const queues = properties.get('fds')?.split(':').length;
    const named = ['fd', 'fds', 'vhostfd', 'vhostfds']
      .reduce((rest, key) => rest.without(key), properties)
      .with('ifname', device)
      .with('script', 'no')
      .with('downscript', 'no');
    return withValue(option, queues === undefined ? named : named.with('queues', String(queues)));
  }

  function backend(option: Option): Option[] {
    const properties = propertiesOf(option);
    const type = properties.get('qom-type');
    const file = properties.get('file');
    if (type === 'secret' && file !== undefined && /\/master-key\.aes$/.test(file)) {
      if (!usesMasterKey) return [];
      const path = rename({ what: 'secret', path: file });
      return [withValue(option, properties.with('file', path))];
    }
    const ram = properties.get('mem-path');
    const isOwnRam = type === 'memory-backend-file' && isNamedById(ram ?? '');
    if (ram === undefined || !isOwnRam || properties.flag('share') !== true) return [option];
    return [withValue(option, properties.with('mem-path', rename({ what: 'ram', path: ram })))];
  }
}

/** In a folder like `domain-1-web` or `1-web`, below one of libvirt's. */
function isNamedById(path: string): boolean {
  return /\/libvirt\/.*\/(domain-)?\d+-[^/]*\/[^/]+$/.test(path);
}

const monitorId = 'charmonitor';

function isMonitor(option: Option): boolean {
  return propertiesOf(option).get('id') === monitorId;
}

/** `-add-fd set=0,fd=30,opaque=serial0-source` */
function fdSet(option: Option): [set: string, opaque: string][] | undefined {
  if (option.name !== 'add-fd') return undefined;
  const properties = propertiesOf(option);
  const set = properties.get('set');
  return set === undefined ? undefined : [[set, properties.get('opaque') ?? '']];
}

function fileOf(
  opaque: string | undefined,
  devices: readonly CharacterDevice[],
): string | undefined {
  const [, alias, part] = /^(.*)-(source|log)$/.exec(opaque ?? '') ?? [];
  const device = devices.find((each) => each.alias === alias);
  return part === 'log' ? device?.logFile : device?.path;
}
