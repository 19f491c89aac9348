import { isInterrupted, isMigrationEnd, isMigrationUnderWay } from '../../qemu/migration';
import { QmpError } from '../../qemu/qmp/errors';
import type { InstanceMonitor } from '../instance-monitor';
import { isHostLost } from '../migration/failures';

/** How long QEMU may take to get a migration going, in ms. */
const setupMs = 3_000;

/**
 * A migration that QEMU is at needs nobody: it comes to its end by itself. Waits for that, unless it
 * is cancelled or does not get going.
 * @param reach connects to the source, anew if the connection broke; undefined if it cannot be
 */
export async function awaitEnd(
  reach: () => Promise<InstanceMonitor | undefined>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const source = await reach().catch(() => undefined);
    const status = await source?.queryMigration(signal).then(
      (migration) => migration.status,
      () => undefined,
    );
    if (source === undefined || !isMigrationUnderWay(status) || isInterrupted(status)) return;
    const isSetUp = status !== 'setup';
    try {
      await source.until(
        ({ migrationStatus }) => isMigrationEnd(migrationStatus) || isInterrupted(migrationStatus),
        { signal, ...(!isSetUp && { timeoutMs: setupMs }) },
      );
      return;
    } catch (error) {
      if (isHostLost(error)) throw error;
      const isGoing = !isSetUp && source.migrationStatus !== 'none';
      if (!(error instanceof QmpError && error.code === 'TIMEOUT' && isGoing)) return;
    }
  }
}
