/**
 * The close callback of a migration: what becomes of it when its client goes away. A client that is
 * closed does it itself; of one that was killed the journal has the wish, and whoever comes next does it.
 */
import { SidestepError } from '../errors';

export const closeActions = ['finish', 'cancel'] as const;

/**
 * - `finish`: QEMU alone brings it to its end, and whoever connects next confirms it.
 * - `cancel`: it is cancelled, unless the guest has moved by then.
 */
export type CloseAction = (typeof closeActions)[number];

/** What ends the client's own part of the migration. */
export function closed(action: CloseAction): SidestepError {
  if (action === 'cancel') {
    return new SidestepError(
      'CANCELLED',
      'The migration was cancelled, for the client that began it was closed.',
    );
  }
  return new SidestepError(
    'LEFT_TO_QEMU',
    'The client that began this migration was closed: QEMU goes on with it alone.',
    {
      outcome: 'undecided',
      hint: 'Whoever connects next confirms it; `sidestep list` shows where the guest runs.',
    },
  );
}

export function isLeftToQemu({ code }: Pick<SidestepError, 'code'>): boolean {
  return code === 'LEFT_TO_QEMU';
}

/** What QEMU is not at yet it cannot finish either: that is undone. */
export function leftOrCancelled(failure: SidestepError, isQemuAtIt: boolean): SidestepError {
  return isLeftToQemu(failure) && !isQemuAtIt ? closed('cancel') : failure;
}
