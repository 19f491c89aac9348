/** The guest of a domain stands still, or goes on. */
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import { isAlive } from '../is-alive';
import { findSource, recoveryNeeded } from '../migration/find-source';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';

/**
 * Stops a domain's vCPUs, or sets them running; one that is so already is left as it is. Not while
 * the domain is migrated.
 * @throws SidestepError `NO_SUCH_DOMAIN`, `NOT_RUNNING`, `DOMAIN_BUSY`, `RECOVERY_NEEDED`;
 *   QmpError `MONITOR_BUSY`, `COMMAND_FAILED`
 */
export async function setRunning(
  state: StateFolder,
  nameOrUuid: string,
  running: boolean,
  signal?: AbortSignal,
): Promise<Domain> {
  const { host } = state;
  const found = await findSource(state, nameOrUuid);
  const lock = await state.lockDomain(found.domain);
  try {
    // It may have been moved before we had the lock.
    const { domain, instance } = await findSource(state, found.domain.uuid);
    const now = await state.readDomain(domain.uuid);
    if (now?.journal !== undefined) throw recoveryNeeded(state, domain);
    const monitor = await connect(host, domain, instance, signal);
    try {
      await monitor.client.execute(running ? 'cont' : 'stop', undefined, { signal });
    } finally {
      monitor.close();
    }
    return domain;
  } finally {
    await lock.release();
  }
}

async function connect(
  host: Host,
  { name }: Domain,
  instance: StartedInstance,
  signal: AbortSignal | undefined,
): Promise<InstanceMonitor> {
  try {
    return await InstanceMonitor.connect(host, instance, untraced(host), {
      ...(signal && { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (await isAlive(host, instance.process)) throw error;
    throw new SidestepError('NOT_RUNNING', `The process of domain "${name}" has ended.`, {
      instance: instance.id,
      hint: 'Start the domain again.',
      cause: error,
    });
  }
}
