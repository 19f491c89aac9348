/** The QEMU that libvirt runs a domain in, among the host's processes. */
import type { Host } from '../../host/host';
import type { ProcessFacts } from '../../host/process';
import { runningProcesses } from '../running-processes';
import type { User } from '../state/records';

/** Told by the domain's UUID. */
export async function libvirtProcess(host: Host, uuid: string): Promise<ProcessFacts | undefined> {
  return (await runningProcesses(host)).find(
    (facts) =>
      facts.argv.some((word, index) => word === '-uuid' && facts.argv[index + 1] === uuid) &&
      isLibvirts(facts),
  );
}

/** By the monitor that libvirt gives to each of its QEMUs, and keeps for itself. */
export function isLibvirts({ argv }: Pick<ProcessFacts, 'argv'>): boolean {
  return argv.some((word) => /\bid=charmonitor\b/.test(word));
}

/** The user and groups that a process runs as. */
export async function userOf(host: Host, pid: number): Promise<User> {
  const [status] = await host.files([{ op: 'read', path: `/proc/${pid}/status` }]);
  const numbers = (name: string) =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm')
      .exec(status?.toString() ?? '')?.[1]
      ?.split(/\s+/)
      .filter((word) => word !== '')
      .map(Number) ?? [];
  const [, uid = 0] = numbers('Uid');
  const [, gid = 0] = numbers('Gid');
  return { uid, gid, groups: numbers('Groups') };
}
