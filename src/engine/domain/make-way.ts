/** Name and UUID of a new domain are free, or are made free. */
import { SidestepError } from '../errors';
import { isAlive } from '../is-alive';
import type { StateFolder } from '../state/state-folder';
import type { Tables } from '../state/tables';
import { forget } from './end';

/**
 * A domain whose process has ended gives way to a new one of its name or UUID, as a transient
 * domain of libvirt's does. One that runs, or that a migration has left half moved, does not.
 * @throws SidestepError `DOMAIN_EXISTS`, `DOMAIN_BUSY`
 */
export async function makeWay(
  state: StateFolder,
  tables: Tables,
  { name, uuid }: { readonly name: string; readonly uuid: string },
): Promise<void> {
  for (const domain of tables.domains) {
    if (domain.name !== name && domain.uuid !== uuid) continue;
    const process = tables.instance(domain.source)?.process;
    const runs = process !== undefined && (await isAlive(state.host, process));
    if (runs || domain.remote !== undefined) {
      throw new SidestepError(
        'DOMAIN_EXISTS',
        `There is a domain "${domain.name}" (${domain.uuid}) already.`,
        {
          instance: domain.source,
          hint: 'Take another name, or end that one with `sidestep stop` or `sidestep destroy`.',
        },
      );
    }
    const lock = await state.lockDomain(domain);
    try {
      await forget(state, domain);
    } finally {
      await lock.release();
    }
  }
}
