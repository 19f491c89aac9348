import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../src/host/host';
import type { ProcessIdentity } from '../../src/host/process';

const heldMs = 5_000;

/** What was held still last is so no more. */
let goesOn = Promise.resolve();

/** Stops a process for 5 s, which are not awaited: others meet it as it stands still. */
export async function holdStill(host: Host, { pid }: ProcessIdentity): Promise<void> {
  const [facts] = await host.inspect([pid]);
  if (facts === undefined) return;
  await host.signal(facts, 'SIGSTOP');
  goesOn = delay(heldMs).then(async () => {
    await host.signal(facts, 'SIGCONT');
  });
}

export const released = (): Promise<void> => goesOn;
