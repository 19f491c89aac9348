/** Perform, at the source: QEMU writes the running guest into the pipe that libvirt reads. */
import { timeLimit } from '../../host/time-limit';
import { setTimeout as delay } from 'node:timers/promises';
import { isMigrationEnd } from '../../qemu/migration';
import { SidestepError } from '../errors';
import { readMigrationSettings } from '../evidence';
import { parametersFor, setCapabilities } from '../migration/channel';
import { throwIfCancelled, type PhaseSteps } from '../migration/step-runner';
import type { Handback } from './handback';
import { restoreFailed } from './prepare';

/** A pipe has no way back, and its reader has no RAM of ours. */
const capabilities = new Set(['events']);
const samplingMs = 100;
/** How long libvirt may take to say what has gone wrong, in ms. */
const lastWordsMs = 5_000;

export const perform: PhaseSteps<Handback> = {
  phase: 'perform',
  steps: [
    {
      name: 'configure-source',
      async take(h) {
        const { client } = h.sourceMonitor;
        const { signal } = h;
        const settings = await readMigrationSettings(h.sourceMonitor);
        h.sourceSettings = settings;
        await Promise.all([
          client.execute(
            'migrate-set-capabilities',
            setCapabilities(capabilities, settings.capabilities),
            { signal },
          ),
          client.execute('migrate-set-parameters', parametersFor('precopy'), { signal }),
        ]);
      },
      async undo(h) {
        const settings = h.sourceSettings;
        if (settings === undefined || h.source?.client.isOpen !== true) return;
        await h.source.client.execute(
          'migrate-set-capabilities',
          setCapabilities(settings.capabilities, capabilities),
        );
        const bandwidth = settings.parameters['max-bandwidth'];
        await h.source.client.execute('migrate-set-parameters', { 'max-bandwidth': bandwidth });
      },
    },
    {
      name: 'migrate',
      async take(h) {
        h.migrateSent = true;
        h.restore?.migrate();
        if ((await h.restore?.until('migrating', h.signal)) === undefined) throw restoreFailed(h);
      },
    },
    {
      name: 'await-completion',
      async take(h) {
        const over = new AbortController();
        const sampling = sampleRam(h, over.signal);
        try {
          const end = h.sourceMonitor.until(
            ({ migrationStatus }) => isMigrationEnd(migrationStatus),
            { signal: AbortSignal.any([h.signal, over.signal]) },
          );
          await Promise.race([end, takenBy(h, over.signal).then(() => end)]);
        } finally {
          over.abort();
          await sampling;
        }
        // The final counts, also for whoever reads the trace.
        const { errorDesc } = await h.sourceMonitor.queryMigration();
        const { migrationStatus } = h.sourceMonitor;
        if (migrationStatus === 'completed') return;
        throwIfCancelled(h.signal);
        // libvirt knows why its QEMU did not read on.
        const restored = await h.restore
          ?.until('restored', timeLimit(lastWordsMs))
          .catch(() => undefined);
        if (restored !== undefined) throw restoreFailed(h);
        throw new SidestepError(
          'MIGRATION_FAILED',
          `QEMU ended the migration of instance ${h.sourceInstance.id} to libvirt as "${migrationStatus}"${errorDesc === undefined ? '.' : `: ${errorDesc}`}`,
          { instance: h.sourceInstance.id },
        );
      },
    },
  ],
};

/** @throws SidestepError once libvirt gives up: its QEMU may then read no more, and QEMU write for ever */
async function takenBy(h: Handback, signal: AbortSignal): Promise<void> {
  const restored = await h.restore?.until('restored', signal);
  if (restored?.taken === false || restored?.taken === null) throw restoreFailed(h);
}

async function sampleRam(h: Handback, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(samplingMs, undefined, { signal });
      await h.sourceMonitor.queryMigration(signal);
    }
  } catch {
    // Over, or the monitor is gone: whoever awaits the end learns of it and says so.
  }
}
