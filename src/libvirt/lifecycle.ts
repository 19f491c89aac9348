/** A domain's life, by libvirt. */
import { LibvirtError } from './errors';
import type { Virsh } from './virsh';

/** Ends a domain at once. One that has ended already is no failure. */
export async function destroyDomain(virsh: Virsh, domain: string): Promise<void> {
  try {
    await virsh.run(['destroy', domain]);
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    // A transient one is no domain any more.
    const isGone =
      error.code === 'NO_LIBVIRT_DOMAIN' || /domain is not running/.test(error.message);
    if (!isGone) throw error;
  }
}
