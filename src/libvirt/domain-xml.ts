/** What a libvirt domain's XML says that a migration needs to know, and the one change it makes. */
import { DOMParser, XMLSerializer, type Document, type Element, type Node } from '@xmldom/xmldom';
import { LibvirtError } from './errors';

/** A character device as libvirt gives it to QEMU, mostly by a descriptor without a name. */
export interface CharacterDevice {
  /** `serial0`, `channel0`: QEMU's chardev is `charserial0`. */
  readonly alias: string;
  /** Of its source: `file`, `unix`, `pty`, `tcp` ... */
  readonly type: string;
  readonly path: string | undefined;
  /** A unix socket that QEMU listens on. */
  readonly listens: boolean;
  /** Where all that goes through it is logged. */
  readonly logFile: string | undefined;
}

/** A file or device that libvirt gives QEMU's user while the domain runs, and takes back when it ends. */
export interface DiskFile {
  readonly path: string;
  readonly isWritable: boolean;
}

export interface DomainXml {
  readonly uuid: string;
  readonly name: string;
  readonly emulator: string;
  /** `kvm`, `qemu` */
  readonly type: string;
  readonly architecture: string;
  readonly machine: string;
  readonly characterDevices: readonly CharacterDevice[];
  /** Disks with the files behind them, and the firmware's variables. */
  readonly diskFiles: readonly DiskFile[];
  /** Network interfaces on a tap: their alias, the tap, and what it is plugged into. */
  readonly taps: readonly Tap[];
  /** Devices, in words, that no other QEMU can have. */
  readonly lost: readonly string[];
}

export interface Tap {
  /** `net0`: QEMU's netdev is `hostnet0`. */
  readonly alias: string;
  readonly device: string;
}

/** @throws LibvirtError `LIBVIRT_REFUSED` */
export function readDomainXml(xml: string): DomainXml {
  const root = parse(xml).documentElement;
  const devices = root && child(root, 'devices');
  const uuid = root && text(root, 'uuid');
  const name = root && text(root, 'name');
  const emulator = devices && text(devices, 'emulator');
  const system = root && child(root, 'os');
  const osType = system && child(system, 'type');
  if (root === null || !devices || !uuid || !name || !emulator) throw unreadable();
  return {
    ...{ uuid, name, emulator },
    type: root.getAttribute('type') ?? '',
    architecture: osType?.getAttribute('arch') ?? '',
    machine: osType?.getAttribute('machine') ?? '',
    characterDevices: children(devices)
      .filter(isCharacterDevice)
      .flatMap((device) => characterDevice(device) ?? []),
    diskFiles: [
      ...children(devices, 'disk').flatMap((disk) =>
        filesOfDisk(disk, child(disk, 'readonly') === undefined),
      ),
      ...(system ? children(system, 'nvram') : []).flatMap((nvram) => {
        const path = nvram.textContent?.trim();
        return path ? [{ path, isWritable: true }] : [];
      }),
    ],
    taps: children(devices, 'interface').flatMap((device) => {
      const alias = attribute(device, 'alias', 'name');
      const tap = attribute(device, 'target', 'dev');
      return alias && tap ? { alias, device: tap } : [];
    }),
    lost: children(devices).flatMap((device) => lost(device) ?? []),
  };
}

/**
 * The same domain as it goes on running on another emulator. Nothing else is changed, but that files
 * it prints to are gone on with: libvirt would empty them, as for a guest that boots.
 */
export function continuedOn(xml: string, emulator: string): string {
  return changed(xml, emulator, (devices) => {
    for (const device of children(devices).filter(isCharacterDevice)) {
      const source = device.getAttribute('type') === 'file' ? children(device, 'source') : [];
      for (const file of [...source, ...children(device, 'log')]) file.setAttribute('append', 'on');
    }
  });
}

/** The same definition with another emulator, and nothing else changed. */
export function withEmulator(xml: string, emulator: string): string {
  return changed(xml, emulator, () => undefined);
}

function changed(xml: string, emulator: string, change: (devices: Element) => void): string {
  const document = parse(xml);
  const devices = document.documentElement && child(document.documentElement, 'devices');
  const element = devices && child(devices, 'emulator');
  if (!devices || !element) throw unreadable();
  element.textContent = emulator;
  change(devices);
  return new XMLSerializer().serializeToString(document);
}

/** libvirt's own XML has about ten. */
const deepest = 200;

/** What libvirt prints has no DOCTYPE, so that entities stand for nothing but XML's own characters. */
function parse(xml: string): Document {
  try {
    const document = new DOMParser({
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message);
      },
    }).parseFromString(xml, 'text/xml');
    if (document.doctype !== null) throw new Error('It has a DOCTYPE');
    if (isTooDeep(document)) throw new Error(`It is nested deeper than ${deepest}`);
    return document;
  } catch (error) {
    throw unreadable(error);
  }
}

/** Without recursion: the point is that what comes after may recurse. */
function isTooDeep(document: Document): boolean {
  let depth = 0;
  for (let node: Node | null = document.documentElement; node !== null;) {
    if (node.firstChild !== null) {
      node = node.firstChild;
      if (++depth > deepest) return true;
      continue;
    }
    while (node !== null && node.nextSibling === null) {
      node = node.parentNode;
      depth--;
    }
    node = node?.nextSibling ?? null;
  }
  return false;
}

function unreadable(cause?: unknown): LibvirtError {
  return new LibvirtError(
    'LIBVIRT_REFUSED',
    'What libvirt gives as the domain’s XML cannot be read.',
    'domain XML',
    { cause },
  );
}

/** What lives in another process, or in the host's hardware. */
function lost(device: Element): string | undefined {
  switch (device.tagName) {
    case 'tpm':
      return 'The state of the TPM';
    case 'hostdev':
      return `The host's device (${device.getAttribute('type') ?? ''})`;
    case 'redirdev':
      // A SPICE client's can be redirected anew.
      return device.getAttribute('type') === 'spicevmc'
        ? undefined
        : 'A USB device redirected from a server';
    case 'interface':
      return /^(vhostuser|vdpa|hostdev)$/.test(device.getAttribute('type') ?? '')
        ? `The network interface (${device.getAttribute('type') ?? ''})`
        : undefined;
    case 'filesystem':
      return 'A shared folder (filesystem)';
    case 'shmem':
      return 'Shared memory (shmem)';
    default:
      return undefined;
  }
}

/** What lies behind a disk is only read. */
function filesOfDisk(disk: Element, isWritable: boolean): DiskFile[] {
  const path = attribute(disk, 'source', 'file') ?? attribute(disk, 'source', 'dev');
  const behind = child(disk, 'backingStore');
  return [...(path ? [{ path, isWritable }] : []), ...(behind ? filesOfDisk(behind, false) : [])];
}

function isCharacterDevice({ tagName }: Element): boolean {
  return /^(serial|parallel|console|channel)$/.test(tagName);
}

function characterDevice(device: Element): CharacterDevice | undefined {
  const alias = attribute(device, 'alias', 'name');
  if (!alias) return undefined;
  return {
    alias,
    type: device.getAttribute('type') ?? '',
    path: attribute(device, 'source', 'path'),
    listens: attribute(device, 'source', 'mode') === 'bind',
    logFile: attribute(device, 'log', 'file'),
  };
}

function children(parent: Element, tagName?: string): Element[] {
  return [...parent.childNodes].filter(
    (node): node is Element =>
      node.nodeType === node.ELEMENT_NODE && (tagName === undefined || node.nodeName === tagName),
  );
}

function child(parent: Element, tagName: string): Element | undefined {
  return children(parent, tagName)[0];
}

function text(parent: Element, tagName: string): string | undefined {
  return child(parent, tagName)?.textContent?.trim();
}

function attribute(parent: Element, tagName: string, name: string): string | undefined {
  return child(parent, tagName)?.getAttribute(name) ?? undefined;
}
