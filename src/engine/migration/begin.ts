/** Begin, at the source: find out, refuse what cannot work, pin what an alias hides. */
import { SidestepError } from '../errors';
import { examineSource } from '../evidence';
import { InstanceMonitor } from '../instance-monitor';
import { planFor, refuse } from './planning';
import { sourceLost } from './failures';
import { recoveryNeeded } from './find-source';
import { inBackground } from './background';
import type { Findings, Migration } from './migration';
import type { Domain } from '../state/records';
import type { PhaseSteps } from './step-runner';

export const begin: PhaseSteps<Migration> = {
  phase: 'begin',
  steps: [
    {
      name: 'claim-domain',
      async take(m) {
        const lock = m.lock ?? (await m.state.lockDomain(m.domain));
        // Looked at meanwhile: to look changes nothing. Not before: a monitor takes one client.
        m.findings = inBackground(findOut(m));
        try {
          await Promise.all([m.traceFile, makeSure(m)]);
          await m.journal.open();
        } catch (error) {
          if (m.lock === undefined) await lock.release();
          throw error;
        }
        m.lock = lock;
      },
    },
    {
      name: 'examine-source',
      async take(m) {
        const { domain, sourceInstance: instance } = m;
        m.found = await (m.findings ?? findOut(m));
        m.sourceCookie = { domain, instance, runState: m.found.runState };
      },
    },
    {
      name: 'check-plan',
      async take(m) {
        const { instance } = m.sourceCookie;
        const { targetEmulator, nextId } = m.found;
        const plan = planFor(m, nextId);
        m.trace.add({
          type: 'plan',
          mode: plan.mode,
          from: {
            id: instance.id,
            emulator: instance.emulator,
            version: m.sourceMonitor.client.greeting.version,
            pid: instance.process.pid,
            ...(instance.libvirt !== undefined && { manager: 'libvirt' }),
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

/** The domain may have been moved, ended or left half moved between our look at it and our lock. */
async function makeSure({ state, domain }: Migration): Promise<void> {
  const now = await state.readDomain(domain.uuid);
  if (now?.journal !== undefined) throw recoveryNeeded(state, domain);
  if (now?.domain.source !== domain.source) throw changed(domain);
}

function changed({ name }: Domain): SidestepError {
  return new SidestepError(
    'DOMAIN_CHANGED',
    `Domain "${name}" has been moved or ended by another client just now.`,
    { outcome: 'refused', hint: 'Look at it with `sidestep list`, and try again.' },
  );
}

/** All that does not depend on each other, at once. */
async function findOut(m: Migration): Promise<Findings> {
  const { domain, sourceInstance: instance, request, signal } = m;
  m.sourceConnection = inBackground(connect(m));
  const emulators = inBackground(
    m.emulators.describe([instance.emulator, request.emulator ?? instance.emulator], signal),
  );
  const source = {
    monitor: m.sourceConnection,
    pid: instance.process.pid,
    emulator: inBackground(emulators.then(([emulator]) => emulator)),
    domain,
  };
  const asked = inBackground(examineSource(m.host, source, signal));
  const compared = inBackground(
    emulators.then(([from, to]) => m.emulators.compare(from, to, domain.definition, signal)),
  );
  try {
    const [nextId, [emulator, targetEmulator], comparison, examination] = await Promise.all([
      m.state.nextInstanceId(),
      emulators,
      compared,
      asked,
    ]);
    return { emulator, targetEmulator, comparison, nextId, ...examination };
  } catch (error) {
    // QEMU gives an answer that nobody waits for to the monitor's next client.
    await asked.catch(() => undefined);
    throw error;
  }
}

async function connect(m: Migration): Promise<InstanceMonitor> {
  try {
    m.source = await InstanceMonitor.connect(m.host, m.sourceInstance, m.trace, {
      signal: AbortSignal.any([m.signal, m.over.signal]),
    });
    return m.source;
  } catch (error) {
    throw sourceLost(m, error);
  }
}
