/** Begin, at the source: find out, and refuse what libvirt would not take. */
import { runningEmulator, type EmulatorAnswer } from '../../libvirt/can-run';
import { examineRunState } from '../evidence';
import { SidestepError } from '../errors';
import { cannotRun } from '../libvirt/preflight';
import { InstanceMonitor } from '../instance-monitor';
import { recoveryNeeded } from '../migration/find-source';
import { stateBlockers } from '../migration/planning';
import type { PhaseSteps } from '../migration/step-runner';
import type { Finding } from '../plan/plan';
import { addressesOf } from './give-up-addresses';
import type { Handback } from './handback';
import { checkUserMonitor } from './user-monitor';

export const begin: PhaseSteps<Handback> = {
  phase: 'begin',
  steps: [
    {
      name: 'claim-domain',
      async take(h) {
        const lock = await h.state.lockDomain(h.domain);
        try {
          const now = await h.state.readDomain(h.domain.uuid);
          if (now?.journal !== undefined) throw recoveryNeeded(h.state, h.domain);
          if (now?.domain.source !== h.domain.source) throw changed(h);
          await h.journal.open();
        } catch (error) {
          await lock.release();
          throw error;
        }
        h.lock = lock;
      },
    },
    {
      name: 'examine-source',
      async take(h) {
        h.source = await InstanceMonitor.connect(h.host, h.sourceInstance, h.trace, {
          signal: AbortSignal.any([h.signal, h.over.signal]),
        });
        const [{ runState, migrationStatus }, answer] = await Promise.all([
          examineRunState(h.source, h.signal),
          runningEmulator(h.virsh, h.xml, h.signal),
          checkUserMonitor(h),
        ]);
        h.runState = runState;
        h.trace.add({
          type: 'plan',
          mode: 'precopy',
          from: {
            id: h.sourceInstance.id,
            emulator: h.sourceInstance.emulator,
            version: h.source.client.greeting.version,
            pid: h.sourceInstance.process.pid,
          },
          to: {
            emulator: answer.emulator,
            version: h.source.client.greeting.version,
            manager: 'libvirt',
          },
          blockers: [
            ...stateBlockers({ runState, migrationStatus }),
            ...libvirtBlockers(h, answer),
          ],
          warnings: [],
        });
        refuse(h, [...stateBlockers({ runState, migrationStatus }), ...libvirtBlockers(h, answer)]);
        h.addresses = await addressesOf(h);
        h.targetId = await h.state.claimInstanceId();
        await h.host.files([
          h.journal.noteHandback({
            ...{ uri: h.virsh.uri, folder: h.folder, target: h.targetId },
            source: { domain: h.domain, instance: h.sourceInstance, runState },
            addresses: [...h.addresses],
          }),
        ]);
      },
    },
  ],
};

function libvirtBlockers({ virsh }: Handback, { isActive, refusal }: EmulatorAnswer): Finding[] {
  return [
    ...(isActive
      ? [{ code: 'LIBVIRT_RUNS_IT', message: `libvirt (${virsh.uri}) runs this domain itself.` }]
      : []),
    ...cannotRun(refusal),
  ];
}

/** @throws SidestepError `REFUSED`, with all reasons */
function refuse({ domain, sourceInstance }: Handback, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  throw new SidestepError(
    'REFUSED',
    `Domain "${domain.name}" cannot be handed to libvirt: ${findings.map(({ message }) => message).join(' ')}`,
    { instance: sourceInstance.id, outcome: 'refused', findings, hint: 'Nothing was started.' },
  );
}

function changed({ domain: { name } }: Handback): SidestepError {
  return new SidestepError(
    'DOMAIN_CHANGED',
    `Domain "${name}" has been moved or ended by another client just now.`,
    { outcome: 'refused', hint: 'Look at it with `sidestep list`, and try again.' },
  );
}
