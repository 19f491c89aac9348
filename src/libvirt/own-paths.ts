/**
 * The paths that libvirt makes for a domain, and what makes each of them its own: those that it names
 * by the domain's name alone are why libvirt refuses a migration to the same host, where source and
 * target would share them.
 */
import { posix } from 'node:path';
import type { ConnectionUri } from './connections';

/** `id`: each instance has its own. `name`, `uuid`: the domain has one, whichever instance runs it. */
export type NamedBy = 'id' | 'name' | 'uuid';

export interface Instance {
  readonly name: string;
  readonly uuid: string;
  /** libvirt's. */
  readonly id: number;
}

export interface OwnFile {
  readonly what:
    | 'monitor'
    | 'master-key'
    | 'status'
    | 'pidfile'
    | 'log'
    | 'definition'
    | 'managed-save'
    | 'snapshots'
    | 'checkpoints'
    | 'tpm-state'
    | 'tpm-socket'
    | 'tpm-log';
  readonly path: string;
  readonly namedBy: NamedBy;
}

/** Where a libvirt keeps what it makes for its domains. */
export interface Folders {
  /** Definitions. */
  readonly config: string;
  /** What goes with a run of the daemon or the host. */
  readonly state: string;
  readonly log: string;
  /** Where each instance has a folder. */
  readonly lib: string;
  /** Saved images and the like. */
  readonly saved: string;
  readonly tpm: string;
  readonly tpmLog: string;
}

/** @param lib as seen in a QEMU's arguments: a session's folders are where its user's are */
export function foldersOf(
  uri: ConnectionUri,
  lib: string,
  runtimeDir: string | undefined,
): Folders {
  if (uri === 'qemu:///system') {
    return {
      ...{ lib, saved: lib, config: '/etc/libvirt/qemu', state: '/run/libvirt/qemu' },
      ...{ log: '/var/log/libvirt/qemu', tpm: '/var/lib/libvirt/swtpm' },
      tpmLog: '/var/log/swtpm/libvirt/qemu',
    };
  }
  // `~/.config/libvirt/qemu/lib`
  const config = posix.dirname(lib);
  const cache = posix.join(config, '../../../.cache/libvirt');
  const log = posix.join(cache, 'qemu/log');
  return {
    ...{ lib, config, log, tpmLog: log },
    saved: config,
    state: posix.join(runtimeDir ? `${runtimeDir}/libvirt` : cache, 'qemu/run'),
    tpm: posix.join(config, '../swtpm'),
  };
}

/** The folder with the instances' folders, by the one that holds the key of this instance's secrets. */
export function libFolder(args: readonly string[]): string | undefined {
  for (const word of args) {
    const key = /"file":"([^"]*)\/[^"/]*\/master-key\.aes"|file=([^,]*)\/[^,/]*\/master-key\.aes/;
    const [, json, plain] = key.exec(word) ?? [];
    const found = json ?? plain;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What makes a path that libvirt chose its own; undefined for one that the domain's owner chose. */
export function namedBy(path: string, instance: Instance): NamedBy | undefined {
  const parts = path.split('/');
  if (parts.some((part) => isInstanceFolder(part, instance))) return 'id';
  return path.endsWith(`/qemu/nvram/${instance.name}_VARS.fd`) ||
    path.endsWith(`/qemu/nvram/${instance.name}_VARS.qcow2`)
    ? 'name'
    : undefined;
}

/** What no command line names, but in part its folder. Which of them there are is to be seen. */
/** The folder of an instance's own: its monitor, and keys. */
export function instanceFolder(instance: Instance, { lib }: Folders): string {
  return `${lib}/domain-${shortName(instance)}`;
}

export function ownFiles(instance: Instance, folders: Folders): OwnFile[] {
  const { name, uuid } = instance;
  const short = shortName(instance);
  const { config, state, log, saved, tpm, tpmLog } = folders;
  const own = instanceFolder(instance, folders);
  return [
    { what: 'monitor', path: `${own}/monitor.sock`, namedBy: 'id' },
    { what: 'master-key', path: `${own}/master-key.aes`, namedBy: 'id' },
    { what: 'status', path: `${state}/${name}.xml`, namedBy: 'name' },
    { what: 'pidfile', path: `${state}/${escaped(name)}.pid`, namedBy: 'name' },
    { what: 'log', path: `${log}/${name}.log`, namedBy: 'name' },
    { what: 'definition', path: `${config}/${name}.xml`, namedBy: 'name' },
    { what: 'managed-save', path: `${saved}/save/${name}.save`, namedBy: 'name' },
    { what: 'snapshots', path: `${saved}/snapshot/${name}`, namedBy: 'name' },
    { what: 'checkpoints', path: `${saved}/checkpoint/${name}`, namedBy: 'name' },
    { what: 'tpm-state', path: `${tpm}/${uuid}`, namedBy: 'uuid' },
    { what: 'tpm-socket', path: `${state}/swtpm/${short}-swtpm.sock`, namedBy: 'id' },
    { what: 'tpm-log', path: `${tpmLog}/${name}-swtpm.log`, namedBy: 'name' },
  ];
}

/** libvirt cuts the name in those that it puts an id before. */
const shortLength = 20;

function shortName({ id, name }: Instance): string {
  return `${id}-${Array.from(name).slice(0, shortLength).join('')}`;
}

function isInstanceFolder(part: string, instance: Instance): boolean {
  const short = shortName(instance);
  return part === short || part === `domain-${short}`;
}

/** The pid file's name, and no other's, is escaped as a text in XML is. */
function escaped(name: string): string {
  const entities = new Map([
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ["'", '&apos;'],
    ['"', '&quot;'],
  ]);
  return name.replace(/[&<>'"]/g, (character) => entities.get(character) ?? character);
}
