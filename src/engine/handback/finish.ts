/** Finish, at libvirt: it says itself that the domain is restored. */
import { timeLimit } from '../../host/time-limit';
import type { PhaseSteps } from '../migration/step-runner';
import type { Handback } from './handback';
import { restoreFailed } from './prepare';

/** libvirt may have hooks to run, and leases to take. */
const restoreTimeoutMs = 60_000;

export const finish: PhaseSteps<Handback> = {
  phase: 'finish',
  steps: [
    {
      name: 'await-restore',
      async take(h) {
        const signal = timeLimit(restoreTimeoutMs);
        const restored = await h.restore?.until('restored', signal);
        if (restored?.status !== 0) throw restoreFailed(h);
      },
    },
  ],
};
