/** What is to be known of a running domain of libvirt's before it is moved; nothing is changed by it. */
import { dirname } from 'node:path/posix';
import { continuedOn } from '../../libvirt/domain-xml';
import { emulatorRefusal } from '../../libvirt/can-run';
import { plainDefinition, type OwnPath } from '../../libvirt/definition';
import { domainFacts } from '../../libvirt/domain-facts';
import { Virsh } from '../../libvirt/virsh';
import type { ProcessFacts } from '../../host/process';
import { asUser } from '../domain/as-user';
import { splitProgram } from '../domain/qemu-process';
import { SidestepError } from '../errors';
import type { Finding } from '../plan/plan';
import { definitionOf } from '../plan/start-arguments';
import type { User } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { libvirtProcess, userOf } from './libvirt-process';
import { cannotRun, preflight } from './preflight';

export interface LibvirtDomain {
  /** Of its connection: `qemu:///system`. */
  readonly uri: string;
  /** Name, UUID or id. */
  readonly domain: string;
}

export interface ExamineRequest extends LibvirtDomain {
  /** It is to come back to libvirt, on this emulator; by default the one that it has. */
  readonly back: { readonly emulator: string | undefined } | undefined;
}

export interface ExaminedDomain {
  readonly uuid: string;
  readonly name: string;
  /** Its live XML as libvirt would migrate it, secrets included. */
  readonly image: string;
  readonly process: ProcessFacts;
  readonly emulator: string;
  /** Whom its QEMU runs as. */
  readonly user: User;
  /** The same if that is not us. */
  readonly runAs?: User;
  /** What it would have been started with without libvirt. */
  readonly definition: readonly string[];
  /** Files that QEMU's user must be able to write, which libvirt has opened for it. */
  readonly opened: readonly string[];
  /** Why it cannot be moved, as far as libvirt and its command line tell. */
  readonly findings: readonly Finding[];
}

/**
 * @param rename where in the definition a path lies that goes with the domain's id
 * @throws SidestepError `REFUSED`, `NOT_RUNNING`; LibvirtError, HostError
 */
export async function examineDomain(
  state: StateFolder,
  { uri, domain, back }: ExamineRequest,
  rename: (own: OwnPath, uuid: string) => string,
  signal?: AbortSignal,
): Promise<ExaminedDomain> {
  const { host } = state;
  const virsh = new Virsh(host, uri);
  const facts = await domainFacts(virsh, domain, signal);
  const { uuid, name } = facts.xml;
  const said = preflight(facts);
  if (back !== undefined) {
    const image = continuedOn(facts.image, back.emulator ?? facts.xml.emulator);
    said.push(...cannotRun(await emulatorRefusal(virsh, image, signal)));
  }
  const process = await libvirtProcess(host, uuid);
  if (process === undefined) {
    refuse(name, said);
    throw new SidestepError('NOT_RUNNING', `libvirt’s domain "${name}" has no QEMU process.`, {
      outcome: 'refused',
      hint: 'Start it with `virsh start`.',
    });
  }
  const { emulator, args } = splitProgram(process);
  const user = await userOf(host, process.pid);
  const runAs = user.uid === host.facts.uid ? undefined : user;
  const plain = plainDefinition(args, facts.xml, (own) => rename(own, uuid));
  const unknown = plain.unknown.map((what) => ({
    code: 'LIBVIRT_DESCRIPTOR',
    message: `${what}: what libvirt opened for QEMU there is not known by name, so it cannot be opened again.`,
  }));
  return {
    ...{ uuid, name, image: facts.image, process, emulator, user },
    ...(runAs && { runAs }),
    definition: definitionOf(plain.definition, process.cwd ?? '/'),
    opened: plain.opened,
    findings: [...said, ...unknown, ...(await closedTo(runAs, state))],
  };
}

/** Its QEMU has its sockets below the state folder, which is opened for that; what is above is not ours. */
async function closedTo(user: User | undefined, { host, path }: StateFolder): Promise<Finding[]> {
  const folder = dirname(path);
  if (user === undefined) return [];
  const { status } = await host.run(asUser(user, ['test', '-x', folder]));
  if (status === 0) return [];
  return [
    {
      code: 'STATE_OUT_OF_REACH',
      message: `The domain's QEMU runs as user ${user.uid}, who may not go through ${folder} to the state folder.`,
      hint: 'Name a state folder that others can reach, such as the default one.',
    },
  ];
}

/** @throws SidestepError `REFUSED`, if there is anything */
export function refuse(name: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  throw new SidestepError(
    'REFUSED',
    `Domain "${name}" cannot be moved: ${findings.map(({ message }) => message).join(' ')}`,
    { outcome: 'refused', findings, hint: 'Nothing was started.' },
  );
}
