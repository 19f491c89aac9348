/** A domain's life, by libvirt. Domains are named by UUID: a name may be another's UUID or id. */
import { LibvirtError } from './errors';
import type { Virsh } from './virsh';

export async function startDomain(virsh: Virsh, uuid: string, signal?: AbortSignal): Promise<void> {
  await virsh.run(['start', uuid], { ...(signal && { signal }) });
}

/** Presses the guest's power button; what it does about it is its own. */
export async function shutDownDomain(
  virsh: Virsh,
  uuid: string,
  signal?: AbortSignal,
): Promise<void> {
  await virsh.run(['shutdown', uuid], { ...(signal && { signal }) });
}

/** One that is paused already is no failure. */
export async function suspendDomain(
  virsh: Virsh,
  uuid: string,
  signal?: AbortSignal,
): Promise<void> {
  await virsh.run(['suspend', uuid], { ...(signal && { signal }) });
}

/** One that runs already is no failure. */
export async function resumeDomain(
  virsh: Virsh,
  uuid: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await virsh.run(['resume', uuid], { ...(signal && { signal }) });
  } catch (error) {
    if (error instanceof LibvirtError && /domain is already running/.test(error.message)) return;
    throw error;
  }
}

/**
 * Ends a domain at once. One that has ended already is no failure.
 * @param timeoutMs how long libvirt may take
 */
export async function destroyDomain(virsh: Virsh, uuid: string, timeoutMs?: number): Promise<void> {
  try {
    await virsh.run(['destroy', uuid], { ...(timeoutMs !== undefined && { timeoutMs }) });
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    // A transient one is no domain any more.
    const isGone =
      error.code === 'NO_LIBVIRT_DOMAIN' || /domain is not running/.test(error.message);
    if (!isGone) throw error;
  }
}
