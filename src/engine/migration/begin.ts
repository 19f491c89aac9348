/** Begin, at the source: find out, refuse what cannot work, pin what an alias hides. */
import { setTimeout as delay } from 'node:timers/promises';
import { SidestepError } from '../errors';
import { examineSource } from '../evidence';
import { InstanceMonitor } from '../instance-monitor';
import { planFor, refuse } from './planning';
import { sourceLost } from './failures';
import { recoveryNeeded } from './find-source';
import { inBackground, type Migration, type SourceCookie } from './migration';
import type { Domain } from '../state/records';
import type { PhaseSteps } from './step-runner';

/** A monitor that nobody holds greets well within this, in ms. */
const greetingMs = 5;

export const begin: PhaseSteps<Migration> = {
  phase: 'begin',
  steps: [
    {
      name: 'examine-source',
      async take(m) {
        // To lock takes as long as all of the reading, which needs no lock. It also takes a process,
        // best started while QEMU is busy with our questions; but a monitor that does not greet may
        // be in the hands of whoever has the lock.
        const busy = new AbortController();
        const signal = AbortSignal.any([m.signal, busy.signal]);
        const connected = inBackground(connect(m, signal));
        const asked = examine(m, connected, signal);
        await Promise.race([connected, delay(greetingMs)]).catch(() => undefined);
        const [lock, cookie] = await Promise.allSettled([
          takeLock(m).catch((error: unknown) => {
            busy.abort();
            throw error;
          }),
          asked,
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
  const lock = await state.lockDomain(domain);
  try {
    const now = await state.readDomain(domain.uuid);
    if (now?.journal !== undefined) throw recoveryNeeded(state, domain);
    if (now?.domain.source !== domain.source) throw changed(domain);
  } catch (error) {
    await lock.release();
    throw error;
  }
  m.lock = lock;
}

function changed({ name }: Domain): SidestepError {
  return new SidestepError(
    'DOMAIN_CHANGED',
    `Domain "${name}" has been moved or ended by another client just now.`,
    { outcome: 'refused', hint: 'Look at it with `sidestep list`, and try again.' },
  );
}

async function examine(
  m: Migration,
  connected: Promise<InstanceMonitor>,
  signal: AbortSignal,
): Promise<SourceCookie> {
  const { domain, sourceInstance: instance, request } = m;
  const [[emulator, targetEmulator], examination] = await Promise.all([
    m.emulators.describe([instance.emulator, request.emulator ?? instance.emulator], signal),
    connected.then((monitor) =>
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
