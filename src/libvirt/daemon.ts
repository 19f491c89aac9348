/** The daemon behind a connection: libvirtd, or virtqemud where libvirt is modular. */
import type { Host } from '../host/host';
import type { ProcessIdentity } from '../host/process';
import { LibvirtError } from './errors';

export interface QemuDaemon {
  /** `libvirtd:///system`, for virt-admin. */
  readonly adminUri: string;
  /** Where it listens for virt-admin. */
  readonly adminSocket: string;
  readonly pidFile: string;
}

/** In the order in which libvirt's clients look for them. */
const names = [
  { name: 'virtqemud', socket: 'virtqemud-admin-sock' },
  { name: 'libvirtd', socket: 'libvirt-admin-sock' },
] as const;

/**
 * @param uri of the connection: `qemu:///system` or `qemu:///session`
 * @throws LibvirtError `LIBVIRT_UNREACHABLE`
 */
export async function findDaemon(
  host: Pick<Host, 'files' | 'facts'>,
  uri: string,
): Promise<QemuDaemon> {
  const isSystem = uri === 'qemu:///system';
  const folder = isSystem ? '/run/libvirt' : `${host.facts.runtimeDir ?? ''}/libvirt`;
  const found = await host.files(
    names.map(({ socket }) => ({ op: 'stat', path: `${folder}/${socket}` }) as const),
  );
  const daemon = names.find((_, index) => found[index]?.kind === 'socket');
  if (daemon === undefined) {
    throw new LibvirtError(
      'LIBVIRT_UNREACHABLE',
      `No daemon of ${uri} lets its log be asked for: there is none of ${names.map(({ socket }) => socket).join(' and ')} in ${folder}.`,
      uri,
    );
  }
  const { name, socket } = daemon;
  return {
    adminUri: `${name}:///${isSystem ? 'system' : 'session'}`,
    adminSocket: `${folder}/${socket}`,
    pidFile: `${isSystem ? '/run' : folder}/${name}.pid`,
  };
}

/** The process that runs it now; undefined if it does not run, or hides its pid. */
export async function daemonProcess(
  host: Pick<Host, 'files' | 'inspect'>,
  { pidFile }: QemuDaemon,
): Promise<ProcessIdentity | undefined> {
  const [text] = await host.files([{ op: 'read', path: pidFile }]);
  const pid = Number(text?.toString());
  if (!(pid > 0)) return undefined;
  const [facts] = await host.inspect([pid]);
  return facts && { pid, startTime: facts.startTime, argv: facts.argv };
}
