/** Perform, at the source: `migrate`, and QEMU alone takes the guest across. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  isInterrupted,
  isMigrationEnd,
  isPostcopy,
  type MigrationInfo,
} from '../../qemu/migration';
import { notConverging } from '../diagnosis/convergence';
import { inBackground } from './background';
import {
  capabilitiesFor,
  keptCapabilities,
  leavingOut,
  migrateArguments,
  parametersFor,
  setCapabilities,
} from './channel';
import type { SidestepError } from '../errors';
import { isAlive } from '../is-alive';
import { channelBroken, isCancel, migrationFailed, sourceLost } from './failures';
import type { Migration } from './migration';
import { reach } from './settler';
import { throwIfCancelled, type PhaseSteps } from './step-runner';
import { awaitDescriptorChannel, connectTarget, openChannel } from './target-steps';

/** How often RAM progress is asked for, in ms: QEMU sends no event for it. */
const samplingMs = 100;

export const perform: PhaseSteps<Migration> = {
  phase: 'perform',
  steps: [
    {
      name: 'configure-source',
      async take(m) {
        const { client } = m.sourceMonitor;
        const { signal } = m;
        const settings = await m.sourceSettings;
        const on = settings?.capabilities ?? new Set();
        const wanted = new Set([...capabilitiesFor(m.mode), ...keptCapabilities(m.mode, on)]);
        for (const late of leavingOut(m.mode)) wanted.delete(late);
        const capabilities = setCapabilities(wanted, on);
        await Promise.all([
          client.execute('migrate-set-capabilities', capabilities, { signal }),
          client.execute('migrate-set-parameters', parametersFor(m.mode), { signal }),
        ]);
      },
      async undo(m) {
        const settings = await m.sourceSettings;
        if (settings === undefined || !(await isAlive(m.host, m.sourceInstance.process))) return;
        // Also if the connection broke: with its RAM ignored it would save itself without any.
        const { client } = (await reach(m, 'source')) ?? {};
        if (client === undefined) return;
        const { capabilities, parameters } = settings;
        const before = Object.keys(parametersFor(m.mode)).flatMap((name) =>
          name in parameters ? [[name, parameters[name]] as const] : [],
        );
        await Promise.all([
          client.execute(
            'migrate-set-capabilities',
            setCapabilities(capabilities, capabilitiesFor(m.mode)),
          ),
          client.execute('migrate-set-parameters', Object.fromEntries(before)),
        ]);
      },
    },
    // The target sets up its machine only then: until it listens there is time for the source.
    { ...awaitDescriptorChannel, when: (m) => m.mode === 'cpr-transfer' },
    {
      name: 'migrate',
      async take(m) {
        await m.channelReady;
        m.migrateSent = true;
        const { client } = m.sourceMonitor;
        const { signal } = m;
        const late = new Set(leavingOut(m.mode));
        // In one go: in between the source would save itself without its RAM.
        await Promise.all([
          late.size > 0 &&
            client.execute('migrate-set-capabilities', setCapabilities(late, new Set()), {
              signal,
            }),
          client.execute('migrate', migrateArguments(m.mode, m.targetPaths), { signal }),
        ]);
      },
    },
    {
      ...connectTarget,
      when: (m) => m.mode === 'cpr-transfer',
      async take(m) {
        // A target that never gets the source's descriptors waits for them for ever.
        await settledOrSourceFails(m, m.targetConnection);
        await connectTarget.take(m);
      },
    },
    { ...openChannel, when: (m) => m.mode === 'cpr-transfer' },
    {
      name: 'await-completion',
      async take(m) {
        await m.channelReady;
        if (m.mode === 'postcopy') void inBackground(startPostcopy(m));
        const status = await migrationEnd(m);
        if (status === 'completed') return;
        if (isInterrupted(status)) throw await channelBroken(m);
        void inBackground(stopBehindGuest(m));
        throw await sourceFailed(m);
      },
    },
  ],
};

/** @throws SidestepError if the source's migration ends before, which it cannot well do */
async function settledOrSourceFails(
  m: Migration,
  work: Promise<unknown> | undefined,
): Promise<void> {
  const done = new AbortController();
  const failed = m.sourceMonitor
    .until(({ migrationStatus }) => isMigrationEnd(migrationStatus), { signal: done.signal })
    .then(async () => {
      throw await sourceFailed(m);
    });
  try {
    await Promise.race([Promise.allSettled([work]), failed]);
  } finally {
    done.abort();
  }
}

async function sourceFailed(m: Migration): Promise<SidestepError> {
  const { status, errorDesc } = await m.sourceMonitor.queryMigration();
  return migrationFailed(m, status, errorDesc);
}

/**
 * Once all of the guest's RAM has been sent, it goes on at the target, and what it has written to
 * meanwhile is sent behind it.
 */
async function startPostcopy(m: Migration): Promise<void> {
  const { client } = m.sourceMonitor;
  const { signal } = m;
  await m.sourceMonitor.until(
    ({ migrationPass, migrationStatus }) => migrationPass > 1 || isMigrationEnd(migrationStatus),
    { signal },
  );
  if (!isMigrationEnd(m.sourceMonitor.migrationStatus)) {
    await client.execute('migrate-start-postcopy', undefined, { signal });
  }
}

/** The migration's last status, with RAM progress told meanwhile. */
async function migrationEnd(m: Migration): Promise<string> {
  const done = new AbortController();
  const sampling = sampleRam(m, done.signal);
  const signal = AbortSignal.any([m.signal, done.signal]);
  try {
    return await Promise.race([endAtSource(m, signal), brokenAtTarget(m, signal)]);
  } finally {
    done.abort();
    await sampling;
  }
}

async function endAtSource(m: Migration, signal: AbortSignal): Promise<string> {
  const source = m.sourceMonitor;
  try {
    await source.until(
      ({ migrationStatus }) => isMigrationEnd(migrationStatus) || isInterrupted(migrationStatus),
      { signal },
    );
    return source.migrationStatus;
  } catch (error) {
    throwIfCancelled(m.signal);
    throw isCancel(error) ? error : sourceLost(m, error);
  }
}

/**
 * A source that is not told that all has arrived goes on by itself, beside the target: the less of that
 * the better, so that it is not left to what is decided later. (In postcopy from QEMU 8.2 on; otherwise
 * where the disks' locks do not keep it from that.)
 */
async function stopBehindGuest({ sourceMonitor, targetMonitor, over }: Migration): Promise<void> {
  const { signal } = over;
  await targetMonitor.until(({ resumedAt }) => resumedAt !== undefined, { signal });
  await sourceMonitor.until(({ runState }) => runState === 'running', { signal });
  await sourceMonitor.client.execute('stop', undefined, { signal });
}

/**
 * In postcopy the target may know alone that the channel is broken: a source before QEMU 8.2 that has
 * sent all it had waits for its word for ever. Of any other migration the source tells the end.
 */
async function brokenAtTarget(m: Migration, signal: AbortSignal): Promise<string> {
  try {
    await m.targetMonitor.until(({ migrationStatus }) => isInterrupted(migrationStatus), {
      signal,
    });
    return m.targetMonitor.migrationStatus;
  } catch (error) {
    if (isPostcopy(m.sourceMonitor.migrationStatus) && !isCancel(error)) throw error;
    return new Promise(() => undefined);
  }
}

async function sampleRam(m: Migration, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await delay(samplingMs, undefined, { signal });
      const info = await m.sourceMonitor.queryMigration(signal);
      if (m.mode === 'precopy') watchConvergence(m, info);
    }
  } catch {
    // Over, or the monitor is gone: whoever awaits the end learns of it and says so.
  }
}

/** Told once, and kept as it was last: it is why the time may come to be over. */
function watchConvergence(m: Migration, info: MigrationInfo): void {
  const before = m.unconverging;
  m.unconverging = notConverging(info, m.found.emulator.migrationCapabilities) ?? before;
  if (before !== undefined || m.unconverging === undefined) return;
  const { code, message, hint } = m.unconverging;
  m.warn(code, `${message} ${hint}`);
}
