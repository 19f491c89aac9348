/**
 * The state folder: all that Sidestep knows of a host lies in it, so that any client at any time
 * rebuilds the tables from it. Private to its user (0700).
 *
 *     format                       version of this layout
 *     ids/next-8                   the id that the next instance gets; renaming it claims the id
 *     domains/UUID/domain.json     name, definition, which instance is source and which target
 *     domains/UUID/journal.ndjson  steps of a migration under way
 *     domains/UUID/failure.json    why the last migration came to nothing
 *     claims/UUID/                 who changes the domain just now (claims.ts)
 *     clients/ID                   locked as long as that client lives
 *     instances/7/                 all of instance 7's own paths: instance.json, sockets, output
 *     instances/7/cancelled        another client has cancelled the migration to it
 *     guests/7/, guests/UUID/      its paths, and its domain's, where QEMU runs as another user
 *     traces/                      a trace of each migration
 *     emulators/                   what each QEMU binary can do, remembered
 *     listening/system.json        what a libvirt daemon logged before we listened to it (listening.ts)
 */
import { join } from 'node:path';
import { HostError } from '../../host/errors';
import type { FileOperation, FileStat } from '../../host/files';
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import { instancePaths, type InstancePaths } from '../plan/instance-paths';
import { parseLastFailure, type LastFailure } from './last-failure';
import { nextChange } from './next-change';
import {
  parseDomain,
  parseInstance,
  stateFormat,
  type Domain,
  type Instance,
  type User,
} from './records';
import { Claims, type Claim } from './claims';
import { Tables } from './tables';

const domainFile = 'domain.json';
const instanceFile = 'instance.json';
const journalFile = 'journal.ndjson';
const failureFile = 'failure.json';

/** How often it is seen whether who holds a claim lives, in ms. */
const claimLookMs = 500;
/** The same, where nothing has to wait for it. */
const othersLookMs = 2_000;

const listenerClaim = (id: string) => `listener-${id}`;

/** Where the state lies if the user names no other folder. */
export function defaultStateFolder(host: Host): string {
  if (host.facts.uid === 0) return '/run/sidestep';
  if (host.facts.runtimeDir === undefined) {
    throw new SidestepError('NO_RUNTIME_DIR', `XDG_RUNTIME_DIR is not set on ${host.name}.`, {
      hint: 'Name a folder of your own with --state-dir.',
    });
  }
  return join(host.facts.runtimeDir, 'sidestep');
}

/** What one read of the state folder gives. */
export interface StateSnapshot {
  readonly tables: Tables;
  /** UUIDs of domains with a journal that no end was written to. */
  readonly journals: ReadonlyMap<string, string>;
  /** Why a domain's last migration came to nothing, by UUID. */
  readonly failures: ReadonlyMap<string, LastFailure>;
}

const folders = ['ids', 'domains', 'instances', 'claims', 'clients', 'traces', 'emulators'];

/** To go through to what one knows the name of, and no more: for QEMUs of other users. */
const passable = 0o711;

export class StateFolder {
  readonly #claims: Claims;

  private constructor(
    readonly host: Host,
    readonly path: string,
  ) {
    this.#claims = new Claims(host, path);
  }

  /**
   * Opens the folder, and makes it if there is none, or what an earlier Sidestep did not have in it.
   * @throws SidestepError `STATE_TOO_NEW`, `STATE_UNREADABLE`, `STATE_NOT_PRIVATE`
   */
  static async open(host: Host, path = defaultStateFolder(host)): Promise<StateFolder> {
    const formatPath = join(path, 'format');
    try {
      const [folder, format, ...parts] = await host.files([
        { op: 'stat', path },
        { op: 'read', path: formatPath },
        ...folders.map((name) => ({ op: 'stat', path: join(path, name) }) as const),
      ]);
      if (folder !== undefined) checkPrivate(folder, host, path);
      if (format !== undefined) checkFormat(format.toString(), path);
      if (format === undefined || parts.includes(undefined)) {
        const [, made] = await host.files([
          { op: 'mkdir', path },
          { op: 'stat', path },
          ...folders.map((name) => ({ op: 'mkdir', path: join(path, name) }) as const),
          { op: 'write', path: formatPath, data: `${stateFormat}\n` },
        ]);
        // Somebody else may have put one there since the first look.
        if (made !== undefined) checkPrivate(made, host, path);
      }
    } catch (error) {
      throw unreadable(error, path);
    }
    return new StateFolder(host, path);
  }

  /** A file of this folder that cannot be written, in its user's words; any other error as it is. */
  explain(error: unknown): unknown {
    const isUnwritten =
      error instanceof HostError &&
      (error.code === 'NO_SPACE' || error.code === 'PERMISSION_DENIED');
    return isUnwritten && error.subject?.startsWith(this.path) === true
      ? unreadable(error, this.path)
      : error;
  }

  /** A claim is about to be taken: what it needs can be done meanwhile. */
  prepareToClaim(): void {
    // Should it fail, the claim will say so.
    this.#claims.register().catch(() => undefined);
  }

  /** Removes what clients that live no more have left of themselves. */
  sweep(): Promise<void> {
    return this.#claims.sweep();
  }

  /** Lets go of all that is claimed. */
  close(): Promise<void> {
    return this.#claims.close();
  }

  instanceFolder(id: number): string {
    return join(this.path, 'instances', String(id));
  }

  /** Where an instance's QEMU has its own paths. */
  qemuFolder(id: number, { runAs }: Pick<Domain, 'runAs'>): string {
    return runAs === undefined ? this.instanceFolder(id) : join(this.path, 'guests', String(id));
  }

  /** The paths of an instance that the engine itself uses. */
  instancePaths(id: number, domain: Pick<Domain, 'runAs'>): InstancePaths {
    const { output } = instancePaths(this.instanceFolder(id));
    return { ...instancePaths(this.qemuFolder(id, domain)), output };
  }

  /** What a domain's QEMU has besides the instances' own paths, where it runs as another user. */
  homeFolder(uuid: string): string {
    return join(this.path, 'guests', uuid);
  }

  /** Makes a new instance's folders. */
  makeInstance(id: number, { runAs }: Pick<Domain, 'runAs'>): FileOperation[] {
    const own = { op: 'mkdir', path: this.instanceFolder(id), exclusive: true } as const;
    if (runAs === undefined) return [own];
    return [own, ...this.#passage(), ...this.#ofUser(this.qemuFolder(id, { runAs }), runAs)];
  }

  /** Makes a folder for what the domain's QEMU has besides. */
  makeHome(uuid: string, runAs: User): FileOperation[] {
    return [...this.#passage(), ...this.#ofUser(this.homeFolder(uuid), runAs)];
  }

  /** An instance and all its paths go. */
  removeInstance(id: number): FileOperation[] {
    return [this.instanceFolder(id), join(this.path, 'guests', String(id))].map((path) => ({
      op: 'remove',
      path,
    }));
  }

  #passage(): FileOperation[] {
    const mode = passable;
    return [this.path, join(this.path, 'guests')].map((path) => ({ op: 'mkdir', path, mode }));
  }

  #ofUser(path: string, owner: User): FileOperation[] {
    return [{ op: 'mkdir', path, exclusive: true, owner: { uid: owner.uid, gid: owner.gid } }];
  }

  domainFolder(uuid: string): string {
    return join(this.path, 'domains', uuid);
  }

  journalPath(uuid: string): string {
    return join(this.domainFolder(uuid), journalFile);
  }

  get traceFolder(): string {
    return join(this.path, 'traces');
  }

  tracePath(fileName: string): string {
    return join(this.traceFolder, fileName);
  }

  /** The folders in which something is made, renamed or removed at each change of a domain or trace. */
  get changingFolders(): string[] {
    return ['claims', 'domains', 'traces'].map((name) => join(this.path, name));
  }

  /** A claim that is let go of by its holder is seen here. */
  get claimsFolder(): string {
    return join(this.path, 'claims');
  }

  get listeningFolder(): string {
    return join(this.path, 'listening');
  }

  get emulatorFolder(): string {
    return join(this.path, 'emulators');
  }

  /** All domains and instances, in one round trip. */
  async read(): Promise<StateSnapshot> {
    return (await this.#read([])).snapshot;
  }

  /** The same, and the names of the traces. */
  async readWithTraces(): Promise<StateSnapshot & { readonly traces: readonly string[] }> {
    const { snapshot, names } = await this.#read([{ op: 'list', path: this.traceFolder }]);
    return { ...snapshot, traces: names[0] ?? [] };
  }

  /** @param lists folders to be listed in the same round trip */
  async #read(
    lists: readonly Extract<FileOperation, { op: 'list' }>[],
  ): Promise<{ snapshot: StateSnapshot; names: string[][] }> {
    const domainsPath = join(this.path, 'domains');
    const instancesPath = join(this.path, 'instances');
    try {
      const [domains, journals, failures, instances, ...names] = await this.host.files([
        { op: 'readEach', path: domainsPath, name: domainFile },
        { op: 'readEach', path: domainsPath, name: journalFile },
        { op: 'readEach', path: domainsPath, name: failureFile },
        { op: 'readEach', path: instancesPath, name: instanceFile },
        ...lists,
      ]);
      const snapshot = {
        tables: new Tables(
          parseEach(domains, parseDomain, domainsPath, domainFile),
          parseEach(instances, parseInstance, instancesPath, instanceFile),
        ),
        journals: new Map([...journals].map(([uuid, data]) => [uuid, data.toString()])),
        failures: new Map(
          [...failures].flatMap(([uuid, data]) => {
            const failure = parseLastFailure(data);
            return failure === undefined ? [] : [[uuid, failure]];
          }),
        ),
      };
      return { snapshot, names };
    } catch (error) {
      throw unreadable(error, this.path);
    }
  }

  /** One domain as it is now, and its journal if it has one; undefined if it is gone. */
  async readDomain(
    uuid: string,
  ): Promise<{ domain: Domain; journal: string | undefined } | undefined> {
    const path = join(this.domainFolder(uuid), domainFile);
    const [data, journal] = await this.host.files([
      { op: 'read', path },
      { op: 'read', path: this.journalPath(uuid) },
    ]);
    return data && { domain: parseRecord(data, parseDomain, path), journal: journal?.toString() };
  }

  /** The id that the next claim gets, if no other client comes first. */
  async nextInstanceId(): Promise<number> {
    const ids = join(this.path, 'ids');
    for (;;) {
      const [names] = await this.host.files([{ op: 'list', path: ids }]);
      const next = names
        .map((name) => /^next-(\d+)$/.exec(name)?.[1])
        .flatMap((digits) => (digits === undefined ? [] : [Number(digits)]))
        .sort((a, b) => b - a)[0];
      if (next !== undefined) return next;
      await this.#beginCounting(ids);
    }
  }

  /**
   * Claims the next instance id. The counter is a file's name, so that the claim is one rename,
   * which only one client can win and no crash can undo.
   * @param expected what `nextInstanceId` said
   * @param take takes the claim, with all that is done with the id in the same round trip; called
   *   anew if another client got that id first
   */
  async claimInstanceId(
    expected?: number,
    take: (id: number, claim: FileOperation) => Promise<unknown> = (_, claim) =>
      this.host.files([claim]),
  ): Promise<number> {
    const ids = join(this.path, 'ids');
    for (let next = expected; ; next = undefined) {
      const id = next ?? (await this.nextInstanceId());
      const counter = join(ids, `next-${id}`);
      try {
        await take(id, { op: 'rename', from: counter, to: join(ids, `next-${id + 1}`) });
        return id;
      } catch (error) {
        const isTaken =
          error instanceof HostError && error.code === 'NO_SUCH_FILE' && error.subject === counter;
        if (!isTaken) throw error;
      }
    }
  }

  /** The first counter of a new folder. Under a lock: two clients could both see none. */
  async #beginCounting(ids: string): Promise<void> {
    const lock = await this.host.lock(join(ids, 'lock'));
    if (lock === undefined) return;
    try {
      const [names] = await this.host.files([{ op: 'list', path: ids }]);
      if (names.some((name) => name.startsWith('next-'))) return;
      await this.host.files([{ op: 'write', path: join(ids, 'next-1'), data: '' }]);
    } finally {
      await lock.release();
    }
  }

  async #claim(name: string): Promise<Claim | undefined> {
    try {
      return await this.#claims.take(name);
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** Keeps other clients off the domain until released, or until we die. */
  async lockDomain(domain: { uuid: string; name: string }): Promise<Claim> {
    const lock = await this.#claim(domain.uuid);
    if (lock !== undefined) return lock;
    throw new SidestepError(
      'DOMAIN_BUSY',
      `Sidestep is at work on domain "${domain.name}" already, here or in another window or command.`,
      { hint: 'Wait until it is done; `sidestep cancel` cancels a migration.' },
    );
  }

  /** Whether a client that lives is at work on the domain. */
  async isClaimed(uuid: string): Promise<boolean> {
    return (await this.claimant(uuid)) !== undefined;
  }

  /** Which client is at work on the domain, and lives: this one, or another. */
  claimant(uuid: string): Promise<'own' | 'other' | undefined> {
    return this.#claims.holderOf(uuid);
  }

  /** When it is time to look again at who claims what. The death of a client changes nothing to be seen. */
  nextLookAtClaims(signal: AbortSignal): Promise<void> {
    return nextChange(this.host, this.claimsFolder, othersLookMs, signal);
  }

  /** Keeps other clients from making a domain at the same time: names are unique on a host. */
  async lockCreation(): Promise<Claim> {
    const lock = await this.#claim('creation');
    if (lock !== undefined) return lock;
    throw new SidestepError('HOST_BUSY', 'Another Sidestep is making a domain on this host.', {
      hint: 'Try again in a moment.',
    });
  }

  /** Keeps other clients from changing what libvirt logs at the same time; waits until nobody does. */
  async lockListening(signal?: AbortSignal): Promise<Claim> {
    for (;;) {
      const lock = await this.#claim('listening');
      if (lock !== undefined) return lock;
      // The death of who has it changes nothing in there.
      await nextChange(this.host, this.claimsFolder, claimLookMs, signal);
    }
  }

  /** Who listens to libvirt does so as long as this is held, or we live. */
  async claimListener(id: string): Promise<Claim> {
    const claim = await this.#claim(listenerClaim(id));
    if (claim !== undefined) return claim;
    throw new SidestepError('INTERNAL', `There is a listener ${id} already.`);
  }

  async isListening(id: string): Promise<boolean> {
    return (await this.#claims.holderOf(listenerClaim(id))) !== undefined;
  }

  writeDomain(domain: Domain): FileOperation {
    return {
      op: 'write',
      path: join(this.domainFolder(domain.uuid), domainFile),
      data: printJson(domain),
    };
  }

  writeFailure(uuid: string, failure: LastFailure): FileOperation {
    return { op: 'write', path: this.#failurePath(uuid), data: printJson(failure) };
  }

  /** What failed before counts no more. */
  removeFailure(uuid: string): FileOperation {
    return { op: 'remove', path: this.#failurePath(uuid) };
  }

  #failurePath(uuid: string): string {
    return join(this.domainFolder(uuid), failureFile);
  }

  writeInstance(instance: Instance): FileOperation {
    return {
      op: 'write',
      path: join(this.instanceFolder(instance.id), instanceFile),
      data: printJson(instance),
    };
  }

  /** The domain leaves the tables and all its files go. */
  removeDomain(domain: Domain): FileOperation[] {
    const instances =
      domain.remote === undefined ? [domain.source] : [domain.source, domain.remote];
    return [
      { op: 'remove', path: join(this.domainFolder(domain.uuid), domainFile) },
      ...instances.flatMap((id) => this.removeInstance(id)),
      ...domain.ownedPaths.map((path) => ({ op: 'remove', path }) as const),
      { op: 'remove', path: this.domainFolder(domain.uuid) },
    ];
  }
}

function printJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** @throws SidestepError `STATE_NOT_PRIVATE` */
function checkPrivate({ uid, mode }: FileStat, host: Host, path: string): void {
  if (uid === host.facts.uid && (mode & 0o077 & ~passable) === 0) return;
  throw new SidestepError(
    'STATE_NOT_PRIVATE',
    `The state folder ${path} is not private to you: others could take over your VMs' monitors.`,
    { hint: `Make it yours alone (chown, chmod 700), or name another with --state-dir.`, path },
  );
}

function parseEach<T>(
  files: ReadonlyMap<string, Buffer>,
  parse: (json: unknown) => T,
  folder: string,
  name: string,
): T[] {
  return [...files].map(([entry, data]) => parseRecord(data, parse, join(folder, entry, name)));
}

function parseRecord<T>(data: Buffer, parse: (json: unknown) => T, path: string): T {
  try {
    return parse(JSON.parse(data.toString()));
  } catch (error) {
    throw new SidestepError(
      'STATE_DAMAGED',
      `${path} cannot be read: it is not what Sidestep writes.`,
      {
        hint: 'Move the file away; the QEMU process it stands for can be taken in again with `sidestep adopt`.',
        path,
        cause: error,
      },
    );
  }
}

function checkFormat(text: string, path: string): void {
  const format = Number(text.trim());
  if (format === stateFormat) return;
  if (Number.isInteger(format) && format > stateFormat) {
    throw new SidestepError(
      'STATE_TOO_NEW',
      `The state folder ${path} was written by a newer Sidestep (format ${format}, this one knows ${stateFormat}). Nothing was changed.`,
      { hint: 'Update Sidestep, or name another folder with --state-dir.', path },
    );
  }
  throw new SidestepError(
    'STATE_DAMAGED',
    `The state folder ${path} says it has format ${JSON.stringify(text.trim())}, which is none.`,
    { hint: 'Name another folder with --state-dir.', path },
  );
}

function unreadable(error: unknown, path: string): unknown {
  if (!(error instanceof HostError)) return error;
  if (error.code === 'NO_SPACE') {
    return new SidestepError('STATE_FULL', `There is no space left for the state folder ${path}.`, {
      hint: 'Make room on its file system, or name another folder with --state-dir.',
      path,
      cause: error,
    });
  }
  return new SidestepError(
    'STATE_UNREADABLE',
    `The state folder ${path} cannot be used: ${error.message}`,
    {
      hint: 'Check who owns it, or name another folder with --state-dir.',
      path,
      cause: error,
    },
  );
}
