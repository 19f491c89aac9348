/**
 * A domain of libvirt's becomes one of the engine's, with its running QEMU as the source instance:
 * the ordinary migration takes it from there. Nothing of the domain is changed.
 */
import { basename, dirname, join } from 'node:path';
import type { OwnPath } from '../../libvirt/definition';
import type { FileOperation } from '../../host/files';
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import { makeWay } from '../domain/make-way';
import { recoveryNeeded } from '../migration/find-source';
import type { Claim } from '../state/claims';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import type { Tables } from '../state/tables';
import { examineDomain, refuse, type ExamineRequest } from './examine';

export interface TakenIn {
  readonly domain: Domain;
  readonly instance: StartedInstance;
  /** See `untilMoved`. */
  readonly claim: Claim;
}

/** @throws SidestepError `REFUSED`, `DOMAIN_EXISTS`, `DOMAIN_BUSY`, LibvirtError, HostError */
export async function takeIn(
  state: StateFolder,
  request: ExamineRequest,
  signal?: AbortSignal,
): Promise<TakenIn> {
  const { host } = state;
  const moved: (OwnPath & { readonly to: string })[] = [];
  const examined = await examineDomain(
    state,
    request,
    (own, uuid) => {
      const to = placeOf(own, uuid, state.homeFolder(uuid));
      moved.push({ ...own, to });
      return to;
    },
    signal,
  );
  const { uuid, name, process, emulator, user, runAs, definition, opened } = examined;
  refuse(name, examined.findings);
  const lock = await state.lockCreation();
  try {
    // What a client has left that took it in and died.
    await (await state.lockDomain({ uuid, name })).release(await remainders(state, uuid));
    const { tables, journals } = await state.read();
    if (journals.has(uuid)) throw recoveryNeeded(state, { uuid, name });
    await makeWay(state, tables, { name, uuid });
    const id = await state.claimInstanceId();
    const instance: StartedInstance = {
      id,
      uuid,
      emulator,
      // libvirt's descriptor; it has no name any more.
      monitor: `${request.uri} ${uuid}`,
      libvirt: request.uri,
      process: { pid: process.pid, startTime: process.startTime, argv: [...process.argv] },
    };
    const links = moved.filter(({ what }) => what === 'ram');
    const domain: Domain = {
      uuid,
      name,
      definition: [...definition],
      source: id,
      takenSockets: [],
      ownedPaths: [state.homeFolder(uuid), ...links.map(({ to }) => to)],
      ...(runAs && { runAs }),
      libvirt: { uri: request.uri, xml: examined.image },
    };
    const claim = await state.lockDomain(domain);
    try {
      await host.files([
        { op: 'mkdir', path: state.domainFolder(uuid) },
        { op: 'remove', path: state.homeFolder(uuid) },
        ...state.makeInstance(id, {}),
        ...state.makeHome(uuid, user),
        state.writeInstance(instance),
        state.writeDomain(domain),
      ]);
      for (const { path, to } of links) await runOrThrow(host, ['ln', '--', path, to]);
      for (const { path, to } of moved.filter(({ what }) => what === 'secret')) {
        await runOrThrow(host, ['cp', '--preserve=all', '--', path, to]);
      }
      if (runAs !== undefined && opened.length > 0) {
        const owner = `${runAs.uid}:${runAs.gid}`;
        await runOrThrow(host, ['chown', owner, '--', ...opened]);
      }
    } catch (error) {
      await claim.release(state.removeDomain(domain));
      throw error;
    }
    return { domain, instance, claim: untilMoved(state, claim, uuid) };
  } catch (error) {
    throw state.explain(error);
  } finally {
    await lock.release();
  }
}

/** A domain's claim, whose release makes it libvirt's alone again unless it has moved, or may have. */
export function untilMoved(state: StateFolder, claim: Claim, uuid: string): Claim {
  return {
    async release(first = []) {
      await state.host.files(first);
      await claim.release(await remainders(state, uuid));
    },
  };
}

/** What is to be done for a domain to be libvirt's alone that was taken in, if nothing came of it. */
export async function remainders(state: StateFolder, uuid: string): Promise<FileOperation[]> {
  const { tables, journals } = await state.read();
  const domain = tables.domains.find((each) => each.uuid === uuid);
  if (domain === undefined || journals.has(uuid) || !isLibvirts(tables, domain)) return [];
  return state.removeDomain(domain);
}

/** Whether it runs where libvirt has started it: it was taken in, and has not moved. */
export function isLibvirts(tables: Tables, { source }: Domain): boolean {
  return tables.instance(source)?.libvirt !== undefined;
}

/** libvirt removes what goes with a domain's id when the domain ends: where it lies from then on. */
export function placeOf({ what, path }: OwnPath, uuid: string, home: string): string {
  // A second name of the same file has to be on the same file system.
  return what === 'ram'
    ? join(dirname(dirname(path)), `sidestep-${uuid}-${basename(path)}`)
    : join(home, basename(path));
}

async function runOrThrow(host: Host, argv: readonly string[]): Promise<void> {
  const { status, stderr } = await host.run(argv);
  if (status === 0) return;
  throw new SidestepError('HOST_COMMAND', stderr.toString().trim() || `${argv[0] ?? ''} failed.`);
}
