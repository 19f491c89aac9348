/** Begin, at the source: find out, refuse what cannot work, pin what an alias hides. */
import { SidestepError } from '../errors';
import { examineSource } from '../evidence';
import { InstanceMonitor } from '../instance-monitor';
import { planFor, refuse } from './planning';
import { sourceLost } from './failures';
import { recoveryNeeded } from './find-source';
import type { Migration, SourceCookie } from './migration';
import type { PhaseSteps } from './step-runner';

export const begin: PhaseSteps<Migration> = {
  phase: 'begin',
  steps: [
    {
      name: 'examine-source',
      async take(m) {
        // The lock takes longer than all of the reading, which needs none.
        const busy = new AbortController();
        const signal = AbortSignal.any([m.signal, busy.signal]);
        const [lock, cookie] = await Promise.allSettled([
          takeLock(m).catch((error: unknown) => {
            busy.abort();
            throw error;
          }),
          examine(m, signal),
        ]);
        if (lock.status === 'rejected') throw lock.reason;
        if (cookie.status === 'rejected') throw cookie.reason;
        m.sourceCookie = cookie.value;
        await m.journal.open();
      },
    },
    {
      name: 'check-plan',
      async take(m) {
        const { instance, targetEmulator } = m.sourceCookie;
        // Prepare makes the plan anew, once the target's id is known.
        const plan = planFor(m, m.state.instanceFolder(instance.id + 1));
        m.trace.add({
          type: 'plan',
          mode: plan.mode,
          from: {
            id: instance.id,
            emulator: instance.emulator,
            version: m.sourceMonitor.client.greeting.version,
            pid: instance.process.pid,
          },
          to: { emulator: targetEmulator.path, version: targetEmulator.version },
          blockers: [...plan.blockers],
          warnings: [...plan.warnings],
        });
        refuse(m, plan);
        return Promise.resolve();
      },
    },
  ],
};

/** Locks the domain, and makes sure that it is still as it was when it was looked up. */
async function takeLock(m: Migration): Promise<void> {
  const { domain, state } = m;
  m.lock = await state.lockDomain(domain);
  const now = await state.readDomain(domain.uuid);
  if (now?.journal !== undefined) throw recoveryNeeded(state, domain);
  if (now?.domain.source === domain.source) return;
  throw new SidestepError(
    'DOMAIN_CHANGED',
    `Domain "${domain.name}" has been moved or ended by another client just now.`,
    { outcome: 'refused', hint: 'Look at it with `sidestep list`, and try again.' },
  );
}

async function examine(m: Migration, signal: AbortSignal): Promise<SourceCookie> {
  const { domain, sourceInstance: instance, request } = m;
  const [[emulator, targetEmulator], examination] = await Promise.all([
    m.emulators.describe([instance.emulator, request.emulator ?? instance.emulator], signal),
    connect(m, signal).then((monitor) =>
      examineSource(m.host, monitor, instance.process.pid, domain.definition, signal),
    ),
  ]);
  return { domain, instance, emulator, targetEmulator, ...examination };
}

async function connect(m: Migration, signal: AbortSignal): Promise<InstanceMonitor> {
  try {
    m.source = await InstanceMonitor.connect(m.host, m.sourceInstance, m.trace, { signal });
    return m.source;
  } catch (error) {
    throw sourceLost(m, error);
  }
}
