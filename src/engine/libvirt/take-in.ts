/**
 * A domain of libvirt's becomes one of the engine's, with its running QEMU as the source instance:
 * the ordinary migration takes it from there. Nothing of the domain is changed.
 */
import { basename, dirname, join } from 'node:path';
import { domainFacts } from '../../libvirt/domain-facts';
import { plainDefinition, type OwnPath } from '../../libvirt/definition';
import { continuedOn } from '../../libvirt/domain-xml';
import { emulatorRefusal } from '../../libvirt/can-run';
import { Virsh } from '../../libvirt/virsh';
import type { FileOperation } from '../../host/files';
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import { makeWay } from '../domain/make-way';
import { splitProgram } from '../domain/qemu-process';
import { recoveryNeeded } from '../migration/find-source';
import { definitionOf } from '../plan/start-arguments';
import type { Claim } from '../state/claims';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import type { Tables } from '../state/tables';
import { libvirtProcess, userOf } from './libvirt-process';
import { cannotRun, preflight } from './preflight';

export interface LibvirtDomain {
  /** Of its connection: `qemu:///system`. */
  readonly uri: string;
  /** Name, UUID or id. */
  readonly domain: string;
}

export interface TakenIn {
  readonly domain: Domain;
  readonly instance: StartedInstance;
  /** See `untilMoved`. */
  readonly claim: Claim;
}

export interface TakeInRequest extends LibvirtDomain {
  /** It is to come back to libvirt, on this emulator; by default the one that it has. */
  readonly back: { readonly emulator: string | undefined } | undefined;
}

/** @throws SidestepError `REFUSED`, `DOMAIN_EXISTS`, `DOMAIN_BUSY`, LibvirtError, HostError */
export async function takeIn(
  state: StateFolder,
  { uri, domain: nameOrId, back }: TakeInRequest,
  signal?: AbortSignal,
): Promise<TakenIn> {
  const { host } = state;
  const virsh = new Virsh(host, uri);
  const facts = await domainFacts(virsh, nameOrId, signal);
  const { uuid, name } = facts.xml;
  refuse(name, preflight(facts));
  if (back !== undefined) {
    const image = continuedOn(facts.image, back.emulator ?? facts.xml.emulator);
    refuse(name, cannotRun(await emulatorRefusal(virsh, image, signal)));
  }
  const process = await libvirtProcess(host, uuid);
  if (process === undefined) {
    throw new SidestepError('NOT_RUNNING', `libvirt’s domain "${name}" has no QEMU process.`, {
      outcome: 'refused',
      hint: 'Start it with `virsh start`.',
    });
  }
  const { emulator, args } = splitProgram(process);
  const runAs = await userOf(host, process.pid);
  const moved: (OwnPath & { readonly to: string })[] = [];
  const plain = plainDefinition(args, facts.xml, (own) => {
    const to = placeOf(own, uuid, state.homeFolder(uuid));
    moved.push({ ...own, to });
    return to;
  });
  refuse(
    name,
    plain.unknown.map((what) => ({
      code: 'LIBVIRT_DESCRIPTOR',
      message: `${what}: what libvirt opened for QEMU there is not known by name, so it cannot be opened again.`,
    })),
  );
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
      monitor: `${uri} ${uuid}`,
      libvirt: uri,
      process: { pid: process.pid, startTime: process.startTime, argv: [...process.argv] },
    };
    const links = moved.filter(({ what }) => what === 'ram');
    const domain: Domain = {
      uuid,
      name,
      definition: definitionOf(plain.definition, process.cwd ?? '/'),
      source: id,
      takenSockets: [],
      ownedPaths: [state.homeFolder(uuid), ...links.map(({ to }) => to)],
      ...(runAs.uid !== host.facts.uid && { runAs }),
      libvirt: { uri, xml: facts.image },
    };
    const claim = await state.lockDomain(domain);
    try {
      await host.files([
        { op: 'mkdir', path: state.domainFolder(uuid) },
        { op: 'remove', path: state.homeFolder(uuid) },
        ...state.makeInstance(id, {}),
        ...state.makeHome(uuid, runAs),
        state.writeInstance(instance),
        state.writeDomain(domain),
      ]);
      for (const { path, to } of links) await runOrThrow(host, ['ln', '--', path, to]);
      for (const { path, to } of moved.filter(({ what }) => what === 'secret')) {
        await runOrThrow(host, ['cp', '--preserve=all', '--', path, to]);
      }
      if (domain.runAs !== undefined && plain.opened.length > 0) {
        const owner = `${runAs.uid}:${runAs.gid}`;
        await runOrThrow(host, ['chown', owner, '--', ...plain.opened]);
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

/** libvirt removes what goes with a domain's id when the domain ends. */
function placeOf({ what, path }: OwnPath, uuid: string, home: string): string {
  // A second name of the same file has to be on the same file system.
  return what === 'ram'
    ? join(dirname(dirname(path)), `sidestep-${uuid}-${basename(path)}`)
    : join(home, basename(path));
}

function refuse(name: string, findings: readonly { code: string; message: string }[]): void {
  if (findings.length === 0) return;
  throw new SidestepError(
    'REFUSED',
    `Domain "${name}" cannot be moved: ${findings.map(({ message }) => message).join(' ')}`,
    { outcome: 'refused', findings, hint: 'Nothing was started.' },
  );
}

async function runOrThrow(host: Host, argv: readonly string[]): Promise<void> {
  const { status, stderr } = await host.run(argv);
  if (status === 0) return;
  throw new SidestepError('HOST_COMMAND', stderr.toString().trim() || `${argv[0] ?? ''} failed.`);
}
