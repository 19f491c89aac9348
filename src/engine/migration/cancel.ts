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
 * @param runState what the source is in as long as the guest has not left it
 * @returns false if it has come to its switchover: nothing was done
 */
export async function cancelBeforeSwitchover(
  host: Host,
  source: InstanceMonitor,
  target: ProcessIdentity | undefined,
  runState = 'running',
): Promise<boolean> {
  if (target !== undefined && (await host.signal(target, 'SIGSTOP'))) {
    let isHere = false;
    try {
      isHere = (await source.queryRunState(timeLimit(heldAnswerTimeoutMs))) === runState;
    } finally {
      if (!isHere) await host.signal(target, 'SIGCONT');
    }
    if (!isHere) return false;
    await host.signal(target, 'SIGKILL');
    await host.waitForExit(target);
  }
  await source.client.execute('migrate_cancel', undefined, { timeoutMs: answerTimeoutMs });
  await source.until(({ migrationStatus }) => isMigrationEnd(migrationStatus), {
    timeoutMs: answerTimeoutMs,
  });
  return true;
}
