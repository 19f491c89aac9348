import type { ProcessFacts } from '../../host/process';
import { libvirtProcess } from '../libvirt/libvirt-process';
import type { Handback } from './handback';

/** libvirt's QEMU for the guest that comes; not one in which its owner has started the domain anew. */
export async function receivingProcess({
  host,
  domain,
}: Pick<Handback, 'host' | 'domain'>): Promise<ProcessFacts | undefined> {
  const process = await libvirtProcess(host, domain.uuid);
  return process?.argv.includes('-incoming') === true ? process : undefined;
}
