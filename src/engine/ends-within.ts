import { HostError } from '../host/errors';
import type { Host } from '../host/host';
import type { ProcessIdentity } from '../host/process';
import { timeLimit } from '../host/time-limit';

/** How long a process may take to end after a monitor has told of it, in ms. */
export const endingMs = 1000;

/** Whether that very process ends within so many ms, or has before. */
export async function endsWithin(
  host: Host,
  process: ProcessIdentity,
  ms: number,
): Promise<boolean> {
  return host.waitForExit(process, timeLimit(ms)).then(
    () => true,
    (error: unknown) => {
      if (error instanceof HostError && error.code === 'CANCELLED') return false;
      throw error;
    },
  );
}
