/** Whether a libvirt can run a domain on its emulator. */
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

/**
 * Asks libvirt to look at the emulator itself: an old libvirt cannot make sense of a new QEMU.
 * @throws LibvirtError, HostError
 */
export async function runningEmulator(
  virsh: Virsh,
  xml: string,
  signal?: AbortSignal,
): Promise<EmulatorAnswer> {
  const { uuid, emulator, architecture, machine, type } = readDomainXml(xml);
  const [isActive, refusal] = await Promise.all([
    isRunning(virsh, uuid, signal),
    virsh
      .run(
        [
          ...['domcapabilities', '--emulatorbin', emulator, '--virttype', type],
          ...['--arch', architecture, '--machine', machine],
        ],
        { ...(signal && { signal }) },
      )
      .then(() => undefined, reasonOf),
  ]);
  return { emulator, isActive, refusal };
}

async function isRunning(virsh: Virsh, uuid: string, signal?: AbortSignal): Promise<boolean> {
  try {
    const state = await virsh.run(['domstate', uuid], { ...(signal && { signal }) });
    return state.trim() !== 'shut off';
  } catch (error) {
    if (error instanceof LibvirtError && error.code === 'NO_LIBVIRT_DOMAIN') return false;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof LibvirtError && error.code === 'LIBVIRT_REFUSED') return error.message;
  throw error;
}
