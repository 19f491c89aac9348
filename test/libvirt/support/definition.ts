/** The definition of a test's domain, as libvirt's XML. */
import { join } from 'node:path';
import { linuxAppend, walkerRamMiB } from '../../support/guests';
import { qemu72 } from './room';

export type SerialKind = 'file' | 'pty' | 'unix' | 'tcp';

/** What a test may choose; each has a default that is cheap. */
export interface DomainOptions {
  readonly name?: string;
  readonly emulator?: string;
  /** A version, never an alias: `pc-q35-7.2`. */
  readonly machine?: string;
  /**
   * `walker`: the boot sector that proves its RAM, within a second. `linux`: a kernel that prints a
   * counter and its uptime, and writes them to its disk; it takes some seconds to boot. `button`: shuts
   * down when it is told to.
   */
  readonly guest?: 'walker' | 'linux' | 'button';
  /** Linux writes to its RAM and checks it all the time. */
  readonly load?: boolean;
  readonly memoryMiB?: number;
  /** `file` and `memfd` are shared. */
  readonly ram?: 'anonymous' | 'memfd' | 'file';
  /** The ports in order; the guest prints on the first. */
  readonly serials?: readonly SerialKind[];
  /** `block`: a block device, which the file is behind. */
  readonly disk?: 'file' | 'block';
  /** Firmware in flash, with variables in a file of the domain's own. */
  readonly nvram?: boolean;
  readonly cdrom?: boolean;
  readonly vnc?: boolean;
  /** A guest agent's channel on a unix socket, whose path libvirt chooses. */
  readonly channel?: boolean;
  /** `user`: QEMU's own. `bridge`: a tap on the bench's bridge. */
  readonly network?: 'user' | 'bridge';
  /** As it is, before `</devices>`. */
  readonly devices?: string;
  /** As it is, before `</domain>`: metadata, say. */
  readonly elements?: string;
}

/** What is made for a domain before it is defined. */
export interface Places {
  /** libvirt's user may write to it. */
  readonly folder: string;
  /** The disk, where it is a block device. */
  readonly blockDevice?: string | undefined;
  readonly bridge: string;
  /** A free one for each serial port, by its number. */
  readonly tcpPorts: readonly number[];
}

export const linuxRamMiB = 128;

/** In the domain's folder. */
export const files = {
  disk: 'disk.img',
  kernel: 'vmlinuz',
  initrd: 'initrd',
  cdrom: 'cdrom.iso',
  nvramTemplate: 'nvram.template',
} as const;

/** A serial port's file or socket in the domain's folder. */
export const serialFile = (port: number) => `serial-${port}`;

/** SeaBIOS, where QEMU's own packages have it: flash that needs no seconds to come up. */
const firmware = '/usr/share/seabios/bios-256k.bin';

export function domainXml(options: DomainOptions & { name: string }, places: Places): string {
  const { name, emulator = qemu72, guest = 'walker', ram = 'anonymous' } = options;
  const { machine = 'pc-q35-7.2', serials = ['file'] } = options;
  const memoryMiB = options.memoryMiB ?? (guest === 'linux' ? linuxRamMiB : walkerRamMiB);
  const path = (file: keyof typeof files) => escapeXml(join(places.folder, files[file]));
  const lines = [
    "<domain type='qemu'>",
    `<name>${escapeXml(name)}</name>`,
    `<memory unit='MiB'>${memoryMiB}</memory>`,
    ...(ram === 'anonymous'
      ? []
      : [`<memoryBacking><source type='${ram}'/><access mode='shared'/></memoryBacking>`]),
    '<vcpu>1</vcpu>',
    `<os><type arch='x86_64' machine='${machine}'>hvm</type>`,
    ...(options.nvram === true
      ? [
          `<loader readonly='yes' type='pflash'>${firmware}</loader>`,
          `<nvram template='${path('nvramTemplate')}'/>`,
        ]
      : []),
    ...(guest === 'linux'
      ? [
          `<kernel>${path('kernel')}</kernel><initrd>${path('initrd')}</initrd>`,
          `<cmdline>${linuxAppend}${options.load === true ? ' load' : ''}</cmdline>`,
        ]
      : ["<boot dev='hd'/>"]),
    '</os>',
    '<features><acpi/></features>',
    "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu>",
    '<devices>',
    `<emulator>${escapeXml(emulator)}</emulator>`,
    `<disk type='${places.blockDevice === undefined ? 'file' : 'block'}' device='disk'>`,
    `<driver name='qemu' type='${guest === 'linux' ? 'qcow2' : 'raw'}'/>`,
    places.blockDevice === undefined
      ? `<source file='${path('disk')}'/>`
      : `<source dev='${places.blockDevice}'/>`,
    "<target dev='vda' bus='virtio'/></disk>",
    ...(options.cdrom === true
      ? [
          "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>",
          `<source file='${path('cdrom')}'/><target dev='sda' bus='sata'/><readonly/></disk>`,
        ]
      : []),
    ...serials.map((kind, port) => serial(kind, port, places)),
    ...(options.channel === true
      ? ["<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"]
      : []),
    ...(options.network === undefined ? [] : [network(options.network, places)]),
    ...(options.vnc === true
      ? [
          "<graphics type='vnc' autoport='yes' listen='127.0.0.1'/>",
          "<video><model type='vga'/></video>",
        ]
      : []),
    "<memballoon model='none'/>",
    options.devices ?? '',
    '</devices>',
    options.elements ?? '',
    '</domain>',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function serial(kind: SerialKind, port: number, places: Places): string {
  const path = escapeXml(join(places.folder, serialFile(port)));
  const source = {
    file: () => `<source path='${path}'/>`,
    pty: () => '',
    unix: () => `<source mode='bind' path='${path}'/>`,
    tcp: () =>
      `<source mode='bind' host='127.0.0.1' service='${places.tcpPorts[port] ?? 0}'/><protocol type='raw'/>`,
  }[kind]();
  return `<serial type='${kind}'>${source}<target type='isa-serial' port='${port}'/></serial>`;
}

function network(kind: 'user' | 'bridge', places: Places): string {
  const source = kind === 'user' ? '' : `<source bridge='${places.bridge}'/>`;
  return `<interface type='${kind}'>${source}<model type='virtio'/></interface>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
