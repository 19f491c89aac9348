/**
 * That another client cancels a migration is noted before it does, in a folder that is this migration's
 * alone: QEMU itself tells a cancel at times as a failure, and the target's end always as one.
 */
import { join } from 'node:path/posix';
import type { FileOperation } from '../../host/files';
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';

const notePath = (folder: string) => join(folder, 'cancelled');

/** @param folder the target's, or that of a hand-back */
export function noteCancel(folder: string): FileOperation {
  return { op: 'write', path: notePath(folder), data: '' };
}

/** It came to nothing. */
export function removeNote(folder: string): FileOperation {
  return { op: 'remove', path: notePath(folder) };
}

/** What the client whose migration it is has to say of it; undefined if nobody has cancelled it. */
export async function cancelledElsewhere(
  host: Host,
  folder: string,
  source: number,
): Promise<SidestepError | undefined> {
  const [note] = await host.files([{ op: 'stat', path: notePath(folder) }]);
  return note && byAnotherClient(source);
}

export function byAnotherClient(source: number): SidestepError {
  return new SidestepError(
    'CANCELLED_ELSEWHERE',
    `Another client cancelled the migration at instance ${source}.`,
    {
      instance: source,
      hint: 'It was cancelled in another window or command, or on a monitor of that instance.',
    },
  );
}
