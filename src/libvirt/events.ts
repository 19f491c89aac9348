/** libvirt tells what happens to its domains. */
import { virshText, type Virsh } from './virsh';

/**
 * Calls as soon as libvirt is listened to, and whenever a domain is defined, started, stopped ...;
 * until the signal. It ends by itself when the daemon does.
 * @throws LibvirtError, HostError
 */
export async function followLifecycle(
  virsh: Virsh,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  // The first command tells that there is a connection; the second says nothing of its own.
  const commands = virshText([['uri'], ['event', '--event', 'lifecycle', '--loop']]);
  await virsh.follow([commands], onChange, signal);
}
