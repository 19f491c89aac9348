/** What the steps of one migration work on, and what they hand each other. */
import type { Host } from '../../host/host';
import type { ProcessExit } from '../../host/process';
import type { Emulator } from '../../qemu/emulator';
import { SidestepError } from '../errors';
import type { Examination, MigrationSettings } from '../evidence';
import type { InstanceMonitor } from '../instance-monitor';
import type { Mode } from '../mode';
import type { OutputWatch } from '../output-watch';
import type { InstancePaths } from '../plan/instance-paths';
import type { Diagnosis } from '../diagnosis/diagnosis';
import type { EmulatorComparison } from '../plan/comparison';
import type { Plan } from '../plan/plan';
import type { EmulatorCatalog } from '../emulators/catalog';
import type { Claim } from '../state/claims';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import type { Trace } from '../trace/trace';
import type { SourceCookie, TargetCookie } from './cookies';
import type { Journal } from './journal';

export interface MigrationRequest {
  /** Name or UUID. */
  readonly domain: string;
  /** The target's QEMU binary; by default the one the source was started with. */
  readonly emulator?: string | undefined;
  readonly mode: Mode | 'auto';
}

/** What is found out while the domain is being claimed. */
export interface Findings extends Examination {
  readonly emulator: Emulator;
  readonly targetEmulator: Emulator;
  readonly comparison: EmulatorComparison | undefined;
  /** The target's instance id, as it looks. */
  readonly nextId: number;
}

/** An address the target was to take over from the source. */
export interface TakenBack {
  readonly what: string;
  readonly address: string;
  /** Why it could not be; undefined when it was. */
  readonly error: string | undefined;
}

/** The target when the migration failed. */
export interface FailedTarget {
  /** The end of what the target printed. */
  readonly output: string;
  readonly hasEnded: boolean;
  readonly exit: ProcessExit | undefined;
}

/** What a migration is given. */
export interface MigrationSetting {
  readonly request: MigrationRequest;
  readonly state: StateFolder;
  readonly emulators: EmulatorCatalog;
  readonly trace: Trace;
  readonly journal: Journal;
  /** Where the trace is being written: without it nothing is begun. */
  readonly traceFile: Promise<unknown>;
  /** Cancel and timeout. Without effect from Finish on: the guest has moved. */
  readonly signal: AbortSignal;
  /** The domain as found when the migration was asked for. */
  readonly domain: Domain;
  readonly sourceInstance: StartedInstance;
  /** The domain's, if it is claimed already. */
  readonly claim?: Claim;
  /** libvirt is to have the domain right after. */
  readonly handedBack?: boolean;
}

export class Migration implements MigrationSetting {
  readonly host: Host;
  readonly request: MigrationRequest;
  readonly state: StateFolder;
  readonly emulators: EmulatorCatalog;
  readonly trace: Trace;
  readonly journal: Journal;
  readonly traceFile: Promise<unknown>;
  readonly signal: AbortSignal;
  readonly domain: Domain;
  readonly sourceInstance: StartedInstance;
  readonly handedBack: boolean;

  /** Aborted at the migration's end, however it comes, and with it what is still awaited. */
  readonly over = new AbortController();
  lock: Claim | undefined;
  planned: { readonly id: number; readonly plan: Plan } | undefined;
  source: InstanceMonitor | undefined;
  target: InstanceMonitor | undefined;
  targetOutput: OutputWatch | undefined;
  /**
   * What need not be awaited where it is begun, each awaited by the step that builds on it: what
   * the source says of itself and how its migration is set up, both monitors, the target's open
   * channel, the record of the target's process, the source's end.
   */
  sourceConnection: Promise<InstanceMonitor> | undefined;
  findings: Promise<Findings> | undefined;
  sourceSettings: Promise<MigrationSettings> | undefined;
  /** On `cpr-transfer`: the target has come to listen for the source's descriptors. */
  descriptorChannel: Promise<void> | undefined;
  targetConnection: Promise<InstanceMonitor> | undefined;
  channelReady: Promise<void> | undefined;
  targetRecorded: Promise<void> | undefined;
  sourceExited: Promise<unknown> | undefined;
  /** From here on the guest may leave the source. */
  migrateSent = false;
  /** From here on something of the guest may reach the target. */
  channelOpened = false;
  /** Another client has begun it, and what it heard is not known. */
  resumed = false;
  readonly takenBack: TakenBack[] = [];
  /** What was seen of a failure before anything was done about it: the target, and the source's `error-desc`. */
  failed: FailedTarget | undefined;
  sourceError: string | undefined;
  /** The guest changes its RAM faster than it gets across: as it was last seen. */
  unconverging: Diagnosis | undefined;
  #found: Findings | undefined;
  #sourceCookie: SourceCookie | undefined;
  #targetCookie: TargetCookie | undefined;

  constructor(setting: MigrationSetting) {
    this.host = setting.state.host;
    this.request = setting.request;
    this.state = setting.state;
    this.emulators = setting.emulators;
    this.trace = setting.trace;
    this.journal = setting.journal;
    this.traceFile = setting.traceFile;
    this.signal = setting.signal;
    this.handedBack = setting.handedBack ?? false;
    this.domain = setting.domain;
    this.sourceInstance = setting.sourceInstance;
    this.lock = setting.claim;
  }

  /** What Begin has found. */
  get found(): Findings {
    return established(this.#found, 'findings');
  }
  set found(found: Findings) {
    this.#found = found;
  }

  get sourceCookie(): SourceCookie {
    return established(this.#sourceCookie, 'source cookie');
  }
  set sourceCookie(cookie: SourceCookie) {
    this.#sourceCookie = cookie;
  }
  get targetCookie(): TargetCookie {
    return established(this.#targetCookie, 'target cookie');
  }
  set targetCookie(cookie: TargetCookie) {
    this.#targetCookie = cookie;
  }

  /** The cookies so far, for those that clean up whatever there is. */
  get cookies(): { source: SourceCookie | undefined; target: TargetCookie | undefined } {
    return { source: this.#sourceCookie, target: this.#targetCookie };
  }

  get sourceMonitor(): InstanceMonitor {
    return established(this.source, 'monitor of the source');
  }
  get targetMonitor(): InstanceMonitor {
    return established(this.target, 'monitor of the target');
  }

  /** Ends what is still awaited, and lets go of both monitors. */
  async dispose(): Promise<void> {
    this.over.abort();
    await this.findings?.catch(() => undefined);
    // A connection may come when all else has failed: left open, it would keep everybody off the monitor.
    const connections = await Promise.allSettled([this.sourceConnection, this.targetConnection]);
    const late = connections.map((each) => (each.status === 'fulfilled' ? each.value : undefined));
    for (const monitor of [this.source, this.target, ...late]) monitor?.close();
    this.targetOutput?.dispose();
  }

  get mode(): Mode {
    return this.targetCookie.mode;
  }

  /** In the target's own folder. */
  get targetPaths(): InstancePaths {
    return this.state.instancePaths(this.targetCookie.instance.id, this.domain);
  }

  warn(code: string, message: string): void {
    this.trace.add({ type: 'warning', code, message });
  }
}

function established<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new SidestepError('INTERNAL', `The migration has no ${what} yet.`);
  return value;
}
