import { withEmulator } from './domain-xml';
import type { Virsh } from './virsh';

/**
 * Has a persistent domain start on another emulator from now on. Of one that is transient there is
 * nothing to be changed.
 * @param domain its UUID
 * @throws LibvirtError, HostError
 */
export async function redefineEmulator(
  virsh: Virsh,
  domain: string,
  emulator: string,
): Promise<void> {
  const info = await virsh.run(['dominfo', domain]);
  if (!/^Persistent:\s+yes\s*$/m.test(info)) return;
  const definition = await virsh.run(['dumpxml', domain, '--inactive', '--security-info']);
  await virsh.run(['define', '/dev/stdin'], { stdin: withEmulator(definition, emulator) });
}
