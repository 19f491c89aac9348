/** The engine on one host: what the command line and the extension call. */
import type { Host } from '../host/host';
import type { LaunchCommand } from '../qemu/commandline/launch-script';
import { adoptDomain, type AdoptRequest } from './domain/adopt';
import { endDomain } from './domain/end';
import { startDomain, type StartedDomain, type StartRequest } from './domain/start';
import { EmulatorCatalog } from './emulator-catalog';
import { examineSource } from './evidence';
import { asSidestepError } from './errors';
import { InstanceMonitor } from './instance-monitor';
import { listDomains, type DomainListing } from './listing';
import { findSource, noSuchDomain } from './migration/find-source';
import { migrate, type MigrateOptions, type MigrationReport } from './migration/migrate';
import type { MigrationRequest } from './migration/migration';
import { stateBlockers } from './migration/planning';
import type { Mode } from './mode';
import { makePlan } from './plan/make-plan';
import type { Plan } from './plan/plan';
import { definitionOf } from './plan/start-arguments';
import type { Domain } from './state/records';
import { StateFolder } from './state/state-folder';
import { untraced } from './trace/trace';

export interface PlanOfText {
  readonly command: LaunchCommand;
  /** Where the command's relative paths lie. */
  readonly cwd: string;
  readonly emulator?: string | undefined;
  readonly mode: Mode | 'auto';
}

export class Engine {
  private constructor(
    readonly host: Host,
    readonly state: StateFolder,
    readonly emulators: EmulatorCatalog,
  ) {}

  /** @param stateFolder where the state lies, if not in the host's default folder */
  static async open(host: Host, stateFolder?: string): Promise<Engine> {
    const state = await StateFolder.open(host, stateFolder);
    return new Engine(host, state, new EmulatorCatalog(host, state.emulatorFolder));
  }

  /** Ends this client's hold on the host. What runs there runs on. */
  close(): Promise<void> {
    return this.state.close();
  }

  start(request: StartRequest): Promise<StartedDomain> {
    return startDomain(this.state, this.emulators, request);
  }

  adopt(request: AdoptRequest): Promise<StartedDomain> {
    return adoptDomain(this.state, request);
  }

  list(signal?: AbortSignal): Promise<DomainListing[]> {
    return listDomains(this.state, signal);
  }

  /** @throws SidestepError, with `details.outcome` saying where the guest is */
  async migrate(request: MigrationRequest, options: MigrateOptions = {}): Promise<MigrationReport> {
    const emulator =
      request.emulator &&
      (await this.emulators.locate(request.emulator, options.signal).catch((error: unknown) => {
        throw asSidestepError(error).with({ outcome: 'refused' });
      }));
    return migrate(this.state, this.emulators, { ...request, emulator }, options);
  }

  /** What `migrate` would do, with nothing done. */
  async plan(request: MigrationRequest, signal?: AbortSignal): Promise<Plan> {
    const { domain, instance } = await findSource(this.state, request.domain);
    const { emulator: source } = instance;
    const target = request.emulator && (await this.emulators.locate(request.emulator, signal));
    const [emulator, targetEmulator] = await this.emulators.describe(
      [source, target ?? source],
      signal,
    );
    const monitor = await InstanceMonitor.connect(this.host, instance, untraced(this.host), {
      ...(signal && { signal }),
    });
    try {
      const { pid } = instance.process;
      const [examination, nextId] = await Promise.all([
        examineSource(this.host, monitor, pid, domain.definition, signal),
        this.state.nextInstanceId(),
      ]);
      const plan = makePlan({
        definition: domain.definition,
        source: { emulator, evidence: examination.evidence },
        target: {
          emulator: targetEmulator,
          directory: this.state.instanceFolder(nextId),
        },
        mode: request.mode,
      });
      return { ...plan, blockers: [...stateBlockers(examination), ...plan.blockers] };
    } finally {
      monitor.close();
    }
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
    return makePlan({
      definition: definitionOf(command.arguments, cwd),
      source: { emulator: sourceEmulator, evidence: undefined },
      target: { emulator: targetEmulator, directory: this.state.instanceFolder(0) },
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

  /** Asks the guest to shut down, and waits until it has. */
  async stop(nameOrUuid: string, timeoutMs: number, signal?: AbortSignal): Promise<Domain> {
    return this.#end(nameOrUuid, 'stop', timeoutMs, signal);
  }

  /** Ends the domain's process at once, as pulling the plug does. */
  async destroy(nameOrUuid: string, signal?: AbortSignal): Promise<Domain> {
    return this.#end(nameOrUuid, 'destroy', 0, signal);
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
