import type { Claim } from '../state/claims';
import { isHostLost } from './failures';
import type { Journal } from './journal';

/** The domain is anyone's again; without a journal, if nothing is left to be finished. */
export async function letGo({
  journal,
  lock,
}: {
  readonly journal: Journal;
  readonly lock: Claim | undefined;
}): Promise<void> {
  try {
    await Promise.all([journal.close(), lock?.release(journal.removal)]);
  } catch (error) {
    // The loss of the host has let go of all, and the journal is there for who comes next.
    if (isHostLost(error)) return;
    // It is there as well if it cannot be removed. What has gone wrong is known by another error.
    await lock?.release().catch(() => undefined);
  }
}
