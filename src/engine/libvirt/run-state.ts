import { LibvirtError } from '../../libvirt/errors';
import type { Virsh } from '../../libvirt/virsh';

/**
 * Whether a domain's QEMU runs its guest, as libvirt has it.
 * @returns undefined if libvirt cannot tell: it is busy with it, or away
 */
export async function libvirtRunState(virsh: Virsh, uuid: string): Promise<string | undefined> {
  try {
    return (await virsh.run(['domstate', uuid], { timeoutMs: 5_000 })).trim();
  } catch (error) {
    if (error instanceof LibvirtError) return undefined;
    throw error;
  }
}
