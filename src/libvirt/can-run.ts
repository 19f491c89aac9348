/** Whether a libvirt can run a domain on its emulator. */
import { isRunning } from './domain-state';
import { readDomainXml } from './domain-xml';
import { LibvirtError } from './errors';
import type { Virsh } from './virsh';

export interface EmulatorAnswer {
  readonly emulator: string;
  /** It runs the domain already. */
  readonly isActive: boolean;
  /** Why it cannot run it; undefined if it can. */
  readonly refusal: string | undefined;
}

/** @throws LibvirtError, HostError */
export async function runningEmulator(
  virsh: Virsh,
  xml: string,
  signal?: AbortSignal,
): Promise<EmulatorAnswer> {
  const { uuid, emulator } = readDomainXml(xml);
  const [isActive, refusal] = await Promise.all([
    isRunning(virsh, uuid, signal),
    emulatorRefusal(virsh, xml, signal),
  ]);
  return { emulator, isActive, refusal };
}

/**
 * Has libvirt look at the emulator itself: an old libvirt cannot make sense of a new QEMU.
 * @returns why it cannot run the domain on it; undefined if it can
 * @throws LibvirtError, HostError
 */
export async function emulatorRefusal(
  virsh: Virsh,
  xml: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { emulator, architecture, machine, type } = readDomainXml(xml);
  const words = [
    ...['domcapabilities', '--emulatorbin', emulator, '--virttype', type],
    ...['--arch', architecture, '--machine', machine],
  ];
  return virsh.run(words, { ...(signal && { signal }) }).then(() => undefined, reasonOf);
}

function reasonOf(error: unknown): string {
  if (error instanceof LibvirtError && error.code === 'LIBVIRT_REFUSED') return error.message;
  throw error;
}
