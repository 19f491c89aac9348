/** The running instance of a domain that a migration is to leave. */
import { SidestepError } from '../errors';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';

/** @throws SidestepError `NO_SUCH_DOMAIN`, `NOT_RUNNING` */
export async function findSource(
  state: StateFolder,
  nameOrUuid: string,
): Promise<{ domain: Domain; instance: StartedInstance }> {
  const { tables } = await state.read();
  const domain = tables.findDomain(nameOrUuid);
  if (domain === undefined) throw noSuchDomain(nameOrUuid);
  const instance = tables.source.byUuid(domain.uuid);
  if (instance?.process === undefined) {
    throw new SidestepError('NOT_RUNNING', `Domain "${domain.name}" does not run.`, {
      outcome: 'refused',
      hint: 'Start it with `sidestep start`.',
    });
  }
  return { domain, instance: { ...instance, process: instance.process } };
}

export function noSuchDomain(nameOrUuid: string): SidestepError {
  return new SidestepError('NO_SUCH_DOMAIN', `There is no domain "${nameOrUuid}".`, {
    outcome: 'refused',
    hint: '`sidestep list` shows those there are; `sidestep adopt` takes in a running QEMU.',
  });
}

/** A journal that nobody holds the lock to belongs to a migration that was cut off. */
export function recoveryNeeded(
  state: StateFolder,
  domain: Pick<Domain, 'uuid' | 'name'>,
): SidestepError {
  return new SidestepError(
    'RECOVERY_NEEDED',
    `A migration of domain "${domain.name}" was cut off, and what it left behind is still there.`,
    {
      outcome: 'undecided',
      path: state.journalPath(domain.uuid),
      hint: '`sidestep recover` brings it to its end.',
    },
  );
}

export function notMigrating({ name }: Pick<Domain, 'name'>): SidestepError {
  return new SidestepError('NOT_MIGRATING', `Domain "${name}" has no migration under way.`, {
    hint: '`sidestep list` shows those that have.',
  });
}
