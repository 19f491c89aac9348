/** Confirm, at the source: it quits, and the domain leaves the engine's tables: it is libvirt's again. */
import { timeLimit } from '../../host/time-limit';
import { forget } from '../domain/end';
import { inBackground } from '../migration/background';
import type { PhaseSteps } from '../migration/step-runner';
import type { Handback } from './handback';

export const confirm: PhaseSteps<Handback> = {
  phase: 'confirm',
  steps: [
    {
      name: 'quit-source',
      async take(h) {
        const { process } = h.sourceInstance;
        // Whatever the monitor answers, what counts is that the process ends.
        if (h.source?.client.isOpen === true) void inBackground(h.source.client.execute('quit'));
        else await h.host.signal(process, 'SIGKILL');
        await h.host
          .waitForExit(process, timeLimit(quitTimeoutMs))
          .catch(async () => h.host.signal(process, 'SIGKILL'));
        await h.host.waitForExit(process);
        const { id } = h.sourceInstance;
        h.trace.add({ type: 'process', instance: id, edge: 'exit', pid: process.pid });
      },
    },
    {
      name: 'leave-tables',
      take: leaveTables,
    },
  ],
};

/** A domain that came from libvirt, and has ended, is one of libvirt's that does not run. */
export async function leaveToLibvirt(h: Handback): Promise<void> {
  if (h.domain.libvirt !== undefined) await leaveTables(h);
}

async function leaveTables({ state, domain, trace }: Handback): Promise<void> {
  await forget(state, domain);
  trace.add({ type: 'table', instance: domain.source, from: 'source' });
}

/** How long a QEMU in postmigrate may take to quit before it is killed, in ms. */
const quitTimeoutMs = 10_000;
