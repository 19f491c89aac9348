/** Begin, at the source: find out, refuse what cannot work, pin what an alias hides. */
import { examineSource } from '../evidence';
import { InstanceMonitor } from '../instance-monitor';
import { planFor, refuse } from './planning';
import { sourceLost } from './failures';
import type { Migration } from './migration';
import type { PhaseSteps } from './step-runner';

export const begin: PhaseSteps<Migration> = {
  phase: 'begin',
  steps: [
    {
      name: 'connect-source',
      async take(m) {
        try {
          m.source = await InstanceMonitor.connect(m.host, m.sourceInstance, m.trace, {
            signal: m.signal,
          });
        } catch (error) {
          throw sourceLost(m, error);
        }
      },
    },
    {
      name: 'examine-source',
      async take(m) {
        const { domain, sourceInstance: instance, request } = m;
        const [[emulator, targetEmulator], examination] = await Promise.all([
          m.emulators.describe(
            [instance.emulator, request.emulator ?? instance.emulator],
            m.signal,
          ),
          examineSource(m.host, m.sourceMonitor, instance.process.pid, domain.definition, m.signal),
        ]);
        m.sourceCookie = { domain, instance, emulator, targetEmulator, ...examination };
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
