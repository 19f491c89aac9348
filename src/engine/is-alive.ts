import type { Host } from '../host/host';
import type { ProcessIdentity } from '../host/process';

/** Whether that very process lives: another may have got its pid. */
export async function isAlive(
  host: Host,
  { pid, startTime }: Pick<ProcessIdentity, 'pid' | 'startTime'>,
): Promise<boolean> {
  const [facts] = await host.inspect([pid]);
  return facts?.startTime === startTime;
}
