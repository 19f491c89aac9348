/** The engine on one host: what the command line and the extension call. */
import type { Disposable, Host } from '../host/host';
import { LibvirtError } from '../libvirt/errors';
import type { LaunchCommand } from '../qemu/commandline/launch-script';
import { findConsoleTarget, openConsole, type ConsoleSession } from './console';
import { adoptDomain, type AdoptRequest } from './domain/adopt';
import { endDomain } from './domain/end';
import { setRunning } from './domain/pause';
import { startDomain, type StartedDomain, type StartRequest } from './domain/start';
import { EmulatorCatalog, type FoundEmulator } from './emulators/catalog';
import { findEmulators } from './emulators/found';
import { asSidestepError, SidestepError } from './errors';
import { readHoldings, type DomainHoldings } from './inventory/holdings';
import { commandLineText, instanceStatus } from './inventory/instance-status';
import { dryRun } from './migration/dry-run';
import { findSource, noSuchDomain, notMigrating } from './migration/find-source';
import { readJournal } from './migration/journal';
import { migrate, type MigrateOptions, type MigrationReport } from './migration/migrate';
import type { MigrationRequest } from './migration/migration';
import { cancelElsewhere } from './recovery/cancel-elsewhere';
import { recover, type RecoverOptions, type Recovery } from './recovery/recover';
import type { Mode } from './mode';
import type { LibvirtDomainOverview } from './inventory/libvirt-overview';
import { readOverview, type HostOverview } from './inventory/overview';
import type { HandbackReport } from './handback/hand-back';
import type { LibvirtDomain } from './libvirt/examine';
import { LibvirtDomains } from './libvirt/libvirt-domains';
import { listen, type ListenOptions } from './libvirt/listen';
import { putBackListening } from './libvirt/listening';
import { planUpgrade } from './libvirt/plan-upgrade';
import { isLibvirts } from './libvirt/take-in';
import {
  handBackDomain,
  type HandbackWish,
  upgrade,
  type UpgradeReport,
  type UpgradeRequest,
} from './libvirt/upgrade';
import { makePlan } from './plan/make-plan';
import type { Plan } from './plan/plan';
import { definitionOf } from './plan/start-arguments';
import { RunningMigrations, type RunningMigration } from './running-migrations';
import { findRunningQemus, type RunningQemu } from './inventory/running-qemus';
import type { Domain } from './state/records';
import { StateFolder } from './state/state-folder';
import { listTraces, removeTrace, type TraceFile } from './inventory/traces';
import type { MigrationProgress } from './trace/progress';
import { followProgress } from './trace/read-progress';

export interface PlanOfText {
  readonly command: LaunchCommand;
  /** Where the command's relative paths lie. */
  readonly cwd: string;
  readonly emulator?: string | undefined;
  readonly mode: Mode | 'auto';
}

/** A domain's name or UUID, whoever runs it; or one of a certain libvirt's. */
export type NamedDomain = string | LibvirtDomain;

export type NameAndUuid = Pick<Domain, 'name' | 'uuid'>;

export interface DomainIdentity extends NameAndUuid {
  /** libvirt's; undefined for a domain of Sidestep's. */
  readonly connection: string | undefined;
  /** The same domain, whatever others are called. */
  readonly unambiguous: NamedDomain;
}

/** Its client lives, or the user has to look. */
const isForLater: ReadonlySet<string> = new Set(['DOMAIN_BUSY', 'RECOVERY_UNDECIDED']);

/** How long a client that goes away may take to cancel what it has begun, in ms. */
const closingMs = 10_000;

export class Engine {
  readonly #running = new RunningMigrations();
  readonly libvirt: LibvirtDomains;

  private constructor(
    readonly host: Host,
    readonly state: StateFolder,
    readonly emulators: EmulatorCatalog,
  ) {
    this.libvirt = new LibvirtDomains(host, emulators);
  }

  /** @param stateFolder where the state lies, if not in the host's default folder */
  static async open(host: Host, stateFolder?: string): Promise<Engine> {
    const state = await StateFolder.open(host, stateFolder);
    return new Engine(host, state, new EmulatorCatalog(host, state.emulatorFolder));
  }

  /** Ends this client's hold on the host, after `leave`. What runs there runs on. */
  async close(): Promise<void> {
    await this.leave();
    await this.state.close();
  }

  /**
   * This client goes away: its migrations are left to QEMU or cancelled, as each was asked for
   * (`MigrateOptions.onClose`). Resolves when that is done, within a few seconds; never rejects.
   */
  leave(): Promise<void> {
    return this.#running.close(closingMs);
  }

  start(request: StartRequest): Promise<StartedDomain> {
    return startDomain(this.state, this.emulators, request);
  }

  adopt(request: AdoptRequest): Promise<StartedDomain> {
    return adoptDomain(this.state, request);
  }

  /** The host's domains, instances and traces, in three round trips however many there are. */
  overview(signal?: AbortSignal): Promise<HostOverview> {
    return readOverview(this.state, this.migrations, signal);
  }

  /**
   * Tells when a domain or trace has been changed by any client, until disposed. What QEMU or the
   * guest does by itself is not told.
   */
  watch(onChange: () => void): Disposable {
    const watches = this.state.changingFolders.map((path) => this.host.watchFolder(path, onChange));
    return {
      dispose: () => {
        for (const watch of watches) watch.dispose();
      },
    };
  }

  /**
   * What the domain's instances hold on the host, and what a migration would do about each.
   * @throws SidestepError `NO_SUCH_DOMAIN`, `AMBIGUOUS_DOMAIN`
   */
  holdings(named: NamedDomain, signal?: AbortSignal): Promise<DomainHoldings> {
    return this.#either(
      named,
      (name) => readHoldings(this.state, this.emulators, name, signal),
      (domain) => this.libvirt.holdings(domain, signal),
      signal,
    );
  }

  /** The traces in the state folder, newest first. */
  traces(signal?: AbortSignal): Promise<TraceFile[]> {
    return listTraces(this.state, signal);
  }

  /** Tells how far the migration is whose trace this is, whichever client's, until disposed. */
  followMigration(
    tracePath: string,
    onProgress: (progress: MigrationProgress) => void,
  ): Disposable {
    return followProgress(this.host, tracePath, onProgress);
  }

  /**
   * The trace of the migration that a domain has under way, whichever client's that is.
   * @throws SidestepError `NO_SUCH_DOMAIN`, `NOT_MIGRATING`
   */
  async traceUnderWay(nameOrUuid: string): Promise<string> {
    const { tables, journals } = await this.state.read();
    const domain = tables.findDomain(nameOrUuid);
    if (domain === undefined) throw noSuchDomain(nameOrUuid);
    const entries = readJournal(journals.get(domain.uuid) ?? '');
    const trace = entries.find((entry) => entry.kind === 'begin')?.trace;
    if (trace === undefined) throw notMigrating(domain);
    return trace;
  }

  /** @throws SidestepError `NOT_A_TRACE`, `TRACE_IN_USE` */
  removeTrace(path: string): Promise<void> {
    return removeTrace(this.state, path);
  }

  /** The host's QEMU binaries, each with what it can do or why it cannot be asked; by path. */
  emulatorsFound(signal?: AbortSignal): Promise<FoundEmulator[]> {
    return findEmulators(this.state, this.emulators, signal);
  }

  /** QEMUs that are no instance: what can be adopted. */
  runningQemus(signal?: AbortSignal): Promise<RunningQemu[]> {
    return findRunningQemus(this.state, signal);
  }

  /** The migrations that this engine has under way, by their domain's UUID. */
  get migrations(): ReadonlyMap<string, RunningMigration> {
    return this.#running.byUuid;
  }

  /**
   * What an instance's QEMU says of itself, as a text.
   * @param instanceId by default the source
   */
  async instanceStatus(
    nameOrUuid: string,
    instanceId?: number,
    signal?: AbortSignal,
  ): Promise<string> {
    const target = await findConsoleTarget(this.state, nameOrUuid, instanceId);
    return instanceStatus(this.state, target, signal);
  }

  /** An instance's command line, one option a line, without secrets. */
  async commandLine(nameOrUuid: string, instanceId?: number): Promise<string> {
    const { instance } = await findConsoleTarget(this.state, nameOrUuid, instanceId);
    return commandLineText(instance);
  }

  /**
   * A QMP session of the user's own, which does not keep the engine from its work. What it says is
   * recorded in the trace of a migration of the domain, while this engine has one under way.
   * @param instanceId by default the source
   * @throws SidestepError `NO_SUCH_DOMAIN`, `NOT_RUNNING`, `MONITOR_BUSY`, `MONITOR_UNREACHABLE`,
   *   `NO_CONSOLE`
   */
  async openConsole(
    nameOrUuid: string,
    instanceId?: number,
    signal?: AbortSignal,
  ): Promise<ConsoleSession> {
    const target = await findConsoleTarget(this.state, nameOrUuid, instanceId);
    const traceOf = (uuid: string) => this.migrations.get(uuid)?.trace;
    return openConsole(this.state, target, traceOf, signal);
  }

  /** @throws SidestepError, with `details.outcome` saying where the guest is */
  async migrate(request: MigrationRequest, options: MigrateOptions = {}): Promise<MigrationReport> {
    const emulator = await this.#locate(request.emulator, options.signal);
    return this.#trackedIn(options, (tracked) =>
      migrate(this.state, this.emulators, { ...request, emulator }, tracked),
    );
  }

  /**
   * Gives a running domain of libvirt's another QEMU. If that comes to nothing it is libvirt's, as
   * it was; if it cannot be handed back, it runs as a domain of the engine's.
   * @throws SidestepError, with `details.outcome` saying where the guest is; LibvirtError
   */
  async upgrade(
    from: LibvirtDomain,
    request: UpgradeRequest,
    options: MigrateOptions = {},
  ): Promise<UpgradeReport> {
    const emulator = await this.#locate(request.emulator, options.signal);
    return this.#trackedIn(options, (tracked) =>
      upgrade(this.state, this.emulators, from, { ...request, emulator }, tracked),
    );
  }

  /**
   * Makes a domain that libvirt has had libvirt's again, while its guest runs on.
   * @throws SidestepError `NOT_LIBVIRTS` and others, with `details.outcome`; LibvirtError
   */
  async handBack(
    nameOrUuid: string,
    options: MigrateOptions = {},
    wish: HandbackWish = {},
  ): Promise<HandbackReport> {
    return this.#trackedIn(options, (tracked) =>
      handBackDomain(this.state, this.emulators, nameOrUuid, wish, tracked),
    );
  }

  /**
   * Listens to the QMP traffic of a domain of libvirt's, until the signal. Nothing is started anew, and
   * afterwards libvirt logs what it has logged before.
   * @returns the path of the trace
   * @throws LibvirtError, HostError
   */
  async listen(named: string | LibvirtDomain, options: ListenOptions): Promise<string> {
    const domain = await this.libvirt.find(named, options.signal);
    if (domain !== undefined) return listen(this.state, domain, options);
    const [name, uri] =
      typeof named === 'string' ? [named, 'this host'] : [named.domain, named.uri];
    throw new LibvirtError(
      'NO_LIBVIRT_DOMAIN',
      `There is no libvirt domain "${name}" at ${uri}.`,
      uri,
    );
  }

  /**
   * Cancels a migration of the domain, whichever client has begun it; one whose client is gone, too. Our
   * own tells its end by itself.
   * @param signal ends the waiting for another client's migration
   * @throws SidestepError `NO_SUCH_DOMAIN`, `NOT_MIGRATING`, `SWITCHED_OVER` where the guest has left
   */
  async cancelMigration(nameOrUuid: string, signal?: AbortSignal): Promise<Domain> {
    const domain = await this.findDomain(nameOrUuid);
    const own = this.migrations.get(domain.uuid);
    if (own === undefined) await cancelElsewhere(this.state, this.emulators, domain, signal);
    else own.cancel();
    return domain;
  }

  /**
   * Brings a migration to its end whose client is gone. One that QEMU is still at is waited for, or
   * cancelled by the signal.
   * @returns undefined if there is none
   * @throws SidestepError `NO_SUCH_DOMAIN`, `DOMAIN_BUSY`, `RECOVERY_UNDECIDED`
   */
  async recover(nameOrUuid: string, options: RecoverOptions = {}): Promise<Recovery | undefined> {
    const { uuid } = await this.findDomain(nameOrUuid);
    return recover(this.state, this.emulators, uuid, options);
  }

  /** Domains with a migration whose client is gone, and which has not come to an end. */
  async cutOff(): Promise<Domain[]> {
    const { tables, journals } = await this.state.read();
    const migrated = tables.domains.filter(
      (domain) => journals.has(domain.uuid) || isLibvirts(tables, domain),
    );
    const claimed = await Promise.all(migrated.map(({ uuid }) => this.state.isClaimed(uuid)));
    return migrated.filter((_, index) => claimed[index] === false);
  }

  /** Domains, by UUID, that other clients are migrating. */
  async migratedByOthers(): Promise<string[]> {
    const { journals } = await this.state.read();
    const uuids = [...journals.keys()];
    const claimants = await Promise.all(uuids.map((uuid) => this.state.claimant(uuid)));
    return uuids.filter((_, index) => claimants[index] === 'other');
  }

  /**
   * Resolves when one of these is no longer migrated by another client: the migration has come to its end,
   * or its client is gone.
   * @throws the signal's reason
   */
  async othersLeave(uuids: readonly string[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const migrated = new Set(await this.migratedByOthers());
      if (uuids.some((uuid) => !migrated.has(uuid))) return;
      await this.state.nextLookAtClaims(signal);
    }
  }

  /**
   * Brings to their end the migrations whose clients are gone, where it is certain at once how; the
   * others are left as they are. What libvirt logs for clients that are gone ends as well.
   */
  async recoverAll(): Promise<Recovery[]> {
    const recoveries: Recovery[] = [];
    await putBackListening(this.state);
    for (const { uuid } of await this.cutOff()) {
      try {
        const recovery = await recover(this.state, this.emulators, uuid, { atOnce: true });
        if (recovery !== undefined) recoveries.push(recovery);
      } catch (error) {
        if (!(error instanceof SidestepError && isForLater.has(error.code))) throw error;
      }
    }
    return recoveries;
  }

  /** What `migrate` would do, with nothing done. */
  async plan(request: MigrationRequest, signal?: AbortSignal): Promise<Plan> {
    const { mode } = request;
    const { domain, instance } = await findSource(this.state, request.domain);
    const emulator = await this.#locate(request.emulator, signal);
    return dryRun(this.state, this.emulators, { domain, instance, emulator, mode }, signal);
  }

  /** What `upgrade` would do, with nothing done: the plan of its first half, and what speaks against either. */
  async planUpgrade(
    from: LibvirtDomain,
    request: UpgradeRequest,
    signal?: AbortSignal,
  ): Promise<Plan> {
    const emulator = await this.#locate(request.emulator, signal);
    return planUpgrade(this.state, this.emulators, from, { ...request, emulator }, signal);
  }

  /** The plan of a command line that is only text: no process is looked at. */
  async planText(
    { command, cwd, emulator, mode }: PlanOfText,
    signal?: AbortSignal,
  ): Promise<Plan> {
    const program = await this.emulators.locate(command.program, signal);
    const target = emulator === undefined ? program : await this.emulators.locate(emulator, signal);
    const [sourceEmulator, targetEmulator] = await this.emulators.describe(
      [program, target],
      signal,
    );
    const definition = definitionOf(command.arguments, cwd);
    const comparison = this.emulators.compare(sourceEmulator, targetEmulator, definition, signal);
    return makePlan({
      definition,
      source: { emulator: sourceEmulator, evidence: undefined },
      target: { emulator: targetEmulator, directory: this.state.instanceFolder(0) },
      comparison: await comparison,
      mode,
    });
  }

  /** @throws SidestepError `NO_SUCH_DOMAIN` */
  async findDomain(nameOrUuid: string): Promise<Domain> {
    const { tables } = await this.state.read();
    const domain = tables.findDomain(nameOrUuid);
    if (domain === undefined) throw noSuchDomain(nameOrUuid);
    return domain;
  }

  /** A domain of Sidestep's, or else of libvirt's, as it is to be named in a question. */
  identify(named: NamedDomain, signal?: AbortSignal): Promise<DomainIdentity> {
    return this.#either<DomainIdentity>(
      named,
      async (name) => {
        const { name: own, uuid } = await this.findDomain(name);
        return { name: own, uuid, connection: undefined, unambiguous: uuid };
      },
      ({ name, uuid, connection }) => {
        const unambiguous = { uri: connection, domain: uuid };
        return Promise.resolve({ name, uuid, connection, unambiguous });
      },
      signal,
    );
  }

  /**
   * Starts a domain that libvirt has defined.
   * @throws LibvirtError; SidestepError `NO_SUCH_DOMAIN`
   */
  async startDefined(named: NamedDomain, signal?: AbortSignal): Promise<NameAndUuid> {
    const domain = await this.libvirt.find(named, signal);
    if (domain === undefined) throw noSuchDomain(nameIn(named));
    await this.libvirt.start(domain, signal);
    return domain;
  }

  /** Asks the guest to shut down, and waits until it has. */
  stop(named: NamedDomain, timeoutMs: number, signal?: AbortSignal): Promise<NameAndUuid> {
    return this.#either<NameAndUuid>(
      named,
      (name) => this.#end(name, 'stop', timeoutMs, signal),
      (domain) => this.libvirt.stop(domain, timeoutMs, signal).then(() => domain),
      signal,
    );
  }

  /**
   * Stops the guest's vCPUs; a paused one is left as it is.
   * @throws SidestepError `DOMAIN_BUSY`, `RECOVERY_NEEDED` while it is migrated
   */
  pause(named: NamedDomain, signal?: AbortSignal): Promise<NameAndUuid> {
    return this.#either<NameAndUuid>(
      named,
      (name) => setRunning(this.state, name, false, signal),
      (domain) => this.libvirt.pause(domain, signal).then(() => domain),
      signal,
    );
  }

  /** The inverse of `pause`. */
  resume(named: NamedDomain, signal?: AbortSignal): Promise<NameAndUuid> {
    return this.#either<NameAndUuid>(
      named,
      (name) => setRunning(this.state, name, true, signal),
      (domain) => this.libvirt.resume(domain, signal).then(() => domain),
      signal,
    );
  }

  /** Ends the domain's process at once, as pulling the plug does. */
  destroy(named: NamedDomain, signal?: AbortSignal): Promise<NameAndUuid> {
    return this.#either<NameAndUuid>(
      named,
      (name) => this.#end(name, 'destroy', 0, signal),
      (domain) => this.libvirt.destroy(domain).then(() => domain),
      signal,
    );
  }

  /** By name alone it is Sidestep's domain that is meant, and libvirt's where Sidestep has none such. */
  async #either<Result>(
    named: NamedDomain,
    own: (nameOrUuid: string) => Promise<Result>,
    libvirts: (domain: LibvirtDomainOverview) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    let missing: SidestepError | undefined;
    if (typeof named === 'string') {
      try {
        return await own(named);
      } catch (error) {
        if (!(error instanceof SidestepError && error.code === 'NO_SUCH_DOMAIN')) throw error;
        missing = error;
      }
    }
    const domain = await this.libvirt.find(named, signal);
    if (domain !== undefined) return libvirts(domain);
    throw missing ?? noSuchDomain(nameIn(named));
  }

  async #locate(
    emulator: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    if (emulator === undefined) return undefined;
    try {
      return await this.emulators.locate(emulator, signal);
    } catch (error) {
      throw asSidestepError(error).with({ outcome: 'refused' });
    }
  }

  /** What is under way is known here as long as it is. */
  #trackedIn<T>(
    options: MigrateOptions,
    body: (options: MigrateOptions) => Promise<T>,
  ): Promise<T> {
    return this.#running.during(options.signal, (signals, onTrace) =>
      body({
        ...options,
        ...signals,
        onTrace: (opened) => {
          onTrace(opened);
          options.onTrace?.(opened);
        },
      }),
    );
  }

  async #end(
    nameOrUuid: string,
    how: 'stop' | 'destroy',
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Domain> {
    const domain = await this.findDomain(nameOrUuid);
    await endDomain(this.state, domain, how, { timeoutMs, ...(signal && { signal }) });
    return domain;
  }
}

function nameIn(named: NamedDomain): string {
  return typeof named === 'string' ? named : named.domain;
}
