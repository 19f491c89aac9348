import type { Host } from '../../host/host';
import type { ProcessIdentity } from '../../host/process';
import { timeLimit } from '../../host/time-limit';
import { isMigrationEnd } from '../../qemu/migration';
import type { InstanceMonitor } from '../instance-monitor';

const answerTimeoutMs = 5_000;
/** Within the switchover a source may wait for the target before it answers, in ms. */
const heldAnswerTimeoutMs = 100;

/**
 * Cancels a migration that has not come to its switchover, and ends its target. A cancel that meets
 * QEMU within the switchover resumes the source, and the target as well if it has been sent
 * everything. So the target is held still first: if the source runs then, the guest has not left it,
 * nor can it any more.
 * @param target undefined if there is none, or none any more
 * @returns false if it has come to its switchover: nothing was done
 */
export async function cancelBeforeSwitchover(
  host: Host,
  source: InstanceMonitor,
  target: ProcessIdentity | undefined,
): Promise<boolean> {
  const held = target && (await hold(host, source, target, 'running'));
  if (held === 'left') return false;
  if (target !== undefined && held === 'held') await kill(host, target);
  await cancel(source);
  return true;
}

/**
 * The same beside the client whose migration it is, which is to see that it was cancelled, and not that
 * its target ended. So the target is ended last; until then it is held, whatever it has been sent.
 * @param runState what the source is in until the switchover
 * @returns false if it has come to its switchover, or the target has ended: nothing was done
 */
export async function cancelBeside(
  host: Host,
  source: InstanceMonitor,
  target: ProcessIdentity,
  runState: string,
): Promise<boolean> {
  if ((await hold(host, source, target, runState)) !== 'held') return false;
  try {
    await cancel(source);
  } finally {
    // Without a way back the source may have sent the whole of the guest before it heard of the cancel.
    if (source.migrationStatus === 'completed') await host.signal(target, 'SIGCONT');
    else await kill(host, target);
  }
  return source.migrationStatus !== 'completed';
}

/** Holds the target still as long as the guest is at the source; else it is left as it is. */
async function hold(
  host: Host,
  source: InstanceMonitor,
  target: ProcessIdentity,
  runState: string,
): Promise<'held' | 'ended' | 'left'> {
  if (!(await host.signal(target, 'SIGSTOP'))) return 'ended';
  let isHere = false;
  try {
    isHere = (await source.queryRunState(timeLimit(heldAnswerTimeoutMs))) === runState;
  } finally {
    if (!isHere) await host.signal(target, 'SIGCONT');
  }
  return isHere ? 'held' : 'left';
}

async function cancel(source: InstanceMonitor): Promise<void> {
  const timeoutMs = answerTimeoutMs;
  await source.client.execute('migrate_cancel', undefined, { timeoutMs });
  await source.until(({ migrationStatus }) => isMigrationEnd(migrationStatus), { timeoutMs });
}

async function kill(host: Host, target: ProcessIdentity): Promise<void> {
  await host.signal(target, 'SIGKILL');
  await host.waitForExit(target);
}
