/**
 * The disks of a domain that came from libvirt. libvirt has given them to the user whom its QEMU ran as, and
 * takes them back when the domain ends at it: a QEMU of ours goes on with what it has open, but could open
 * nothing anew, be it the next one or the same one that was to leave and stays.
 */
import type { Host } from '../../host/host';
import { readDomainXml } from '../../libvirt/domain-xml';
import type { QmpClient } from '../../qemu/qmp/client';
import { QmpError } from '../../qemu/qmp/errors';
import type { Domain } from '../state/records';
import { asUser } from './as-user';

type Owner = Pick<Domain, 'libvirt' | 'runAs'>;

/** Tells which of `r PATH w PATH ...` cannot be read or written. */
const closedOnes = 'while [ $# -gt 0 ]; do [ -"$1" "$2" ] || printf "%s\\0" "$2"; shift 2; done';

/** Those that `giveDisks` would give: that QEMU's user cannot open them is no obstacle. */
export function disksToGive(host: Host, { libvirt, runAs }: Owner): ReadonlySet<string> {
  const isOurs = host.facts.uid === 0 && libvirt !== undefined && runAs !== undefined;
  return new Set(isOurs ? readDomainXml(libvirt.xml).diskFiles.map(({ path }) => path) : []);
}

/** What QEMU's user can open is left as it is. What cannot be given is QEMU's to say. */
export async function giveDisks(host: Host, { libvirt, runAs }: Owner): Promise<void> {
  if (libvirt === undefined || runAs === undefined) return;
  const files = readDomainXml(libvirt.xml).diskFiles;
  if (files.length === 0) return;
  const asked = files.flatMap(({ path, isWritable }) => [isWritable ? 'w' : 'r', path]);
  const { stdout } = await host.run(asUser(runAs, ['sh', '-c', closedOnes, 'sh', ...asked]));
  const closed = stdout.toString().split('\0').slice(0, -1);
  if (closed.length > 0) await host.run(['chown', `${runAs.uid}:${runAs.gid}`, '--', ...closed]);
}

/** @throws QmpError */
export async function resumeGuest(
  host: Host,
  domain: Domain,
  client: QmpClient,
  timeoutMs: number,
): Promise<void> {
  const resume = () => client.execute('cont', undefined, { timeoutMs });
  try {
    await resume();
  } catch (error) {
    if (!(error instanceof QmpError && error.code === 'COMMAND_FAILED')) throw error;
    await giveDisks(host, domain);
    await resume();
  }
}
