/** A domain that came to its end in the middle, mostly because somebody wanted it to: how. */
import type { Host } from '../../host/host';
import { timeLimit } from '../../host/time-limit';
import { untilShutOff } from '../../libvirt/domain-state';
import { Virsh } from '../../libvirt/virsh';
import { SidestepError } from '../errors';
import type { InstanceMonitor } from '../instance-monitor';
import type { Domain, StartedInstance } from '../state/records';
import { isHostLost } from './failures';

interface Ended {
  readonly host: Host;
  readonly domain: Domain;
  readonly sourceInstance: StartedInstance;
  readonly source: InstanceMonitor | undefined;
}

/** How long libvirt may take to notice that its QEMU has ended, in ms. */
const noticeMs = 5_000;

/** By libvirt's reason (virDomainShutoffReason). */
const howAtLibvirt: ReadonlyMap<string, string> = new Map([
  ['destroyed', 'was destroyed'],
  ['shutdown', 'was shut down'],
  ['saved', 'was saved'],
  ['crashed', 'has crashed'],
]);

/** By QEMU's (QAPI's ShutdownCause). */
const howAtMonitor: ReadonlyMap<string, string> = new Map([
  ['guest-shutdown', 'was shut down'],
  ['host-qmp-quit', 'was ended at its monitor'],
  ['host-signal', 'was ended by a signal'],
]);

/** What tells already why the source has ended. */
const diagnosedEnds: ReadonlySet<string> = new Set(['KILLED_FOR_MEMORY']);

/** What says only that the source's monitor is there no more. */
const monitorGone: ReadonlySet<string> = new Set(['CLOSED', 'NOT_LISTENING', 'NO_SUCH_FILE']);

/**
 * The failure as what it is, where the end of the source is known to be more than a monitor that is gone.
 * @param failure what its end was noticed by
 */
export async function domainEnded(failure: SidestepError, ended: Ended): Promise<SidestepError> {
  const { domain, sourceInstance, source } = ended;
  if (diagnosedEnds.has(failure.code)) return failure;
  const reason = await reasonAtLibvirt(ended);
  const how = howAtLibvirt.get(reason ?? '') ?? howAtMonitor.get(source?.shutdownReason ?? '');
  // libvirt has no reason of a transient domain, and QEMU none that it could tell if it is killed.
  const isPlain = reason !== undefined || monitorGone.has(failure.code);
  const what = how ?? (isPlain ? 'has ended' : undefined);
  if (what === undefined) return failure;
  return new SidestepError('DOMAIN_ENDED', `Domain "${domain.name}" ${what} in the middle of it.`, {
    instance: sourceInstance.id,
    ...(reason === 'saved' && { hint: '`virsh start` goes on with it from where it was saved.' }),
    cause: failure,
  });
}

/** Undefined of a domain that was not libvirt's, and where libvirt is away. */
async function reasonAtLibvirt({
  host,
  domain,
  sourceInstance: { libvirt },
}: Ended): Promise<string | undefined> {
  if (libvirt === undefined) return undefined;
  try {
    return await untilShutOff(new Virsh(host, libvirt), domain.uuid, timeLimit(noticeMs));
  } catch (error) {
    if (isHostLost(error)) throw error;
    return undefined;
  }
}
