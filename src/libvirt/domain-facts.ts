/** All that libvirt says of one running domain that matters to moving it. */
import { LibvirtError } from './errors';
import { readDomainXml, type DomainXml } from './domain-xml';
import type { Virsh } from './virsh';

export interface DomainFacts {
  /** `running`, `paused`, `shut off` ... */
  readonly state: string;
  /** What libvirt is doing with it, if anything. */
  readonly job: string | undefined;
  /** It has an image that its next start would go on from. */
  readonly managedSave: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly xml: DomainXml;
  /** Its live XML as libvirt would migrate it, secrets included. */
  readonly image: string;
}

/**
 * @param nameOrId name, UUID or id
 * @throws LibvirtError, HostError
 */
export async function domainFacts(
  virsh: Virsh,
  nameOrId: string,
  signal?: AbortSignal,
): Promise<DomainFacts> {
  const ask = (...args: string[]) => virsh.run(args, { ...(signal && { signal }) });
  const [info, live, image, job] = await Promise.all([
    ask('dominfo', nameOrId),
    ask('dumpxml', nameOrId),
    ask('dumpxml', nameOrId, '--migratable', '--security-info'),
    ask('domjobinfo', nameOrId).catch(noneIfNotRunning),
  ]);
  const said = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(info)?.[1] ?? '';
  const jobType = /^Job type:\s*(.*?)\s*$/m.exec(job)?.[1];
  return {
    state: said('State'),
    job: jobType === undefined || jobType === 'None' ? undefined : jobType,
    managedSave: said('Managed save') === 'yes',
    persistent: said('Persistent') === 'yes',
    autostart: said('Autostart') === 'enable',
    xml: readDomainXml(live),
    image,
  };
}

/** Of a domain that does not run libvirt does not even say that it is not at work on it. */
function noneIfNotRunning(error: unknown): string {
  if (error instanceof LibvirtError && error.code === 'LIBVIRT_REFUSED') return '';
  throw error;
}
