/** Finish, at the target: it has resumed by itself; make sure of it. */
import { isMigrationEnd } from '../../qemu/migration';
import { targetNotRunning } from './failures';
import type { Migration } from './migration';
import type { PhaseSteps } from './step-runner';

/** From `completed` at the source to RESUME at the target, in ms: the target has all it needs. */
const resumeTimeoutMs = 30_000;

export const finish: PhaseSteps<Migration> = {
  phase: 'finish',
  steps: [
    {
      name: 'await-target',
      async take(m) {
        const target = m.targetMonitor;
        const wanted = m.sourceCookie.runState;
        try {
          await target.until(
            ({ resumedAt, runState, migrationStatus }) =>
              wanted === 'running'
                ? resumedAt !== undefined ||
                  runState === 'running' ||
                  isMigrationEnd(migrationStatus)
                : migrationStatus === 'completed',
            { timeoutMs: resumeTimeoutMs },
          );
          // RESUME says it of a guest that runs; of one that is paused QEMU has to be asked.
          const state = target.runState === wanted ? wanted : await target.queryRunState();
          if (state !== wanted) throw new Error(`its machine is in state "${state}"`);
        } catch (error) {
          throw await targetNotRunning(m, error);
        }
      },
    },
  ],
};
