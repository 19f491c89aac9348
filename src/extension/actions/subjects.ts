/**
 * What an action is about: the node it was chosen on, or from the palette what the user picks among
 * all connected hosts.
 */
import * as vscode from 'vscode';
import type { Engine, NamedDomain } from '../../engine/engine';
import { SidestepError } from '../../engine/errors';
import type { LibvirtDomainOverview } from '../../engine/inventory/libvirt-overview';
import type { DomainOverview } from '../../engine/inventory/overview';
import type { ConnectionUri } from '../../libvirt/connections';
import { asTreeNode, type TreeNode } from '../../views/tree/node';
import type { ManagedHost } from '../hosts/managed-host';
import { connectWithProgress } from '../hosts/connect-with-progress';
import { showMessage } from '../notify';
import { asLabel } from '../safe-text';
import type { Services } from '../services';
import { back, pick } from '../steps';

export interface HostSubject {
  readonly host: ManagedHost;
  readonly engine: Engine;
}

export interface DomainSubject extends HostSubject {
  readonly uuid: string;
  readonly name: string;
  /** Of the libvirt that runs it; undefined for a domain that the engine runs. */
  readonly connection: ConnectionUri | undefined;
  /** As the engine takes it, whoever runs it. */
  readonly named: NamedDomain;
}

export interface Question {
  /** Of the list, when the user has to pick. */
  readonly title: string;
  /** What may be picked; anything if not given. */
  readonly states?: readonly string[];
  /** Which of the engine's domains in these states may be picked; all if not given. */
  readonly own?: (domain: DomainOverview) => boolean;
  /** Which of libvirt's domains may be picked; none if not given. */
  readonly libvirt?: (domain: LibvirtDomainOverview) => boolean;
}

/** @returns undefined if the user has left the question */
export async function domainSubject(
  services: Services,
  given: unknown,
  question: Question,
): Promise<DomainSubject | undefined> {
  const node = asTreeNode(given);
  if (node === undefined || !('uuid' in node)) return pickDomain(services, question);
  const subject = await hostOf(services, node);
  if (subject === undefined) return undefined;
  const { uuid, connection } = node;
  const named = namedBy(uuid, connection);
  const name = 'name' in node ? node.name : (await subject.engine.identify(named)).name;
  return { ...subject, uuid, name, connection, named };
}

/** A connected host; one that is not is connected first. */
export async function hostSubject(
  services: Services,
  given: unknown,
  { title }: Question,
): Promise<HostSubject | undefined> {
  const node = asTreeNode(given);
  if (node !== undefined) return hostOf(services, node);
  const connected = await connectedHosts(services);
  if (connected.length <= 1) return connected[0] ?? hostOf(services, { hostId: 'local' });
  const answer = await pick({
    place: { title, step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The host'),
    items: () => connected.map((subject) => ({ ...hostItem(subject.host), subject })),
  });
  return answer === undefined || answer === back ? undefined : answer.subject;
}

export function hostItem({ label, destination }: ManagedHost): vscode.QuickPickItem {
  return { label: asLabel(label), ...(destination && { description: asLabel(destination) }) };
}

/** The host that a node belongs to, connected. */
export async function hostOf(
  services: Services,
  { hostId }: Pick<TreeNode, 'hostId'>,
): Promise<HostSubject | undefined> {
  const host = services.hosts.find(hostId);
  if (host === undefined) {
    throw new SidestepError('NO_SUCH_HOST', `There is no host "${hostId}" any more.`, {
      hint: vscode.l10n.t('Add it again, or look in the setting "sidestep.hosts".'),
    });
  }
  const { status } = host;
  if (status.state === 'connected') return { host, engine: status.engine };
  const engine = await connectWithProgress(services.hosts, host);
  return engine && { host, engine };
}

/** Those that are connected; this machine is connected if it can be. */
export async function connectedHosts({ hosts }: Services): Promise<HostSubject[]> {
  await hosts.local.connect({ mayAsk: false }).catch((error: unknown) => {
    // Its status tells why; nothing else is connected, and so it is what stands in the way.
    if (hosts.all.every(({ status }) => status.state !== 'connected')) throw error;
  });
  return hosts.all.flatMap((host) =>
    host.status.state === 'connected' ? [{ host, engine: host.status.engine }] : [],
  );
}

/** The emulator that a domain runs on. */
export async function emulatorOf({ engine, uuid, connection }: DomainSubject): Promise<string> {
  if (connection !== undefined) {
    const domain = await engine.libvirt.find({ uri: connection, domain: uuid });
    return domain?.instance?.emulator.path ?? '';
  }
  const { tables } = await engine.state.read();
  return tables.source.byUuid(uuid)?.emulator ?? '';
}

interface DomainItem extends vscode.QuickPickItem {
  readonly subject?: DomainSubject;
}

async function pickDomain(
  services: Services,
  question: Question,
): Promise<DomainSubject | undefined> {
  const { title, states } = question;
  const connected = await connectedHosts(services);
  const items = (
    await Promise.all(
      connected.map(async (subject): Promise<DomainItem[]> => {
        const domains = await domainItems(subject, question);
        if (domains.length === 0) return [];
        const kind = vscode.QuickPickItemKind.Separator;
        return [{ label: asLabel(subject.host.label), kind }, ...domains];
      }),
    )
  ).flat();
  if (items.length === 0) {
    void showMessage('info', noDomain(states), [
      {
        label: vscode.l10n.t('Start Domain…'),
        run: () => vscode.commands.executeCommand('sidestep.startDomain'),
      },
    ]);
    return undefined;
  }
  const answer = await pick({
    place: { title, step: 1, totalSteps: 1 },
    placeholder: vscode.l10n.t('The domain'),
    items: () => items,
  });
  return answer === undefined || answer === back ? undefined : answer.subject;
}

async function domainItems(
  subject: HostSubject,
  { states, own = () => true, libvirt }: Question,
): Promise<DomainItem[]> {
  const { engine } = subject;
  const [{ domains }, connections] = await Promise.all([
    engine.overview(),
    libvirt === undefined ? [] : engine.libvirt.overview(),
  ]);
  return [
    ...domains
      .filter((domain) => (states?.includes(domain.state) ?? true) && own(domain))
      .map((domain) => domainItem(subject, domain)),
    ...connections
      .flatMap((connection) => connection.domains)
      .filter((domain) => libvirt?.(domain) === true)
      .map((domain) => libvirtDomainItem(subject, domain)),
  ];
}

function libvirtDomainItem(subject: HostSubject, domain: LibvirtDomainOverview): DomainItem {
  const { name, uuid, state, instance, connection } = domain;
  const version = instance?.emulator.version?.version;
  const words = [state, ...(version === undefined ? [] : [`QEMU ${version}`]), connection];
  return {
    label: asLabel(name),
    description: asLabel(words.join(' · ')),
    subject: { ...subject, uuid, name, connection, named: namedBy(uuid, connection) },
  };
}

function namedBy(uuid: string, connection: string | undefined): NamedDomain {
  return connection === undefined ? uuid : { uri: connection, domain: uuid };
}

function domainItem(subject: HostSubject, overview: DomainOverview): DomainItem {
  const { domain, state, instances } = overview;
  const version = instances[0]?.instance.version;
  const words = [state, ...(version === undefined ? [] : [`QEMU ${version}`])];
  return {
    label: asLabel(domain.name),
    description: asLabel(words.join(' · ')),
    subject: {
      ...subject,
      ...{ uuid: domain.uuid, name: domain.name, named: domain.uuid, connection: undefined },
    },
  };
}

function noDomain(states: readonly string[] | undefined): string {
  return states === undefined || states.length === 0
    ? vscode.l10n.t('There is no domain on the connected hosts.')
    : vscode.l10n.t('No domain on the connected hosts is {0}.', either(states));
}

/** `running or paused`, in the user's language. */
function either(words: readonly string[]): string {
  return new Intl.ListFormat(vscode.env.language, { type: 'disjunction' }).format(words);
}
