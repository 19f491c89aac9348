/** Where a QEMU that libvirt has started listens with the monitor that libvirt holds. */
import { dirname, join } from 'node:path';

/**
 * libvirt gives QEMU the listening socket as a descriptor, but the key of its secrets by name, which
 * lies in the same folder: `/var/lib/libvirt/qemu/domain-1-NAME/master-key.aes`.
 * @param argv of the process
 */
export function monitorPath(argv: readonly string[]): string | undefined {
  for (const word of argv) {
    const key = /(?:^|[=:"])(\/.*\/master-key\.aes)/.exec(word)?.[1];
    if (key !== undefined) return join(dirname(key), 'monitor.sock');
  }
  return undefined;
}
