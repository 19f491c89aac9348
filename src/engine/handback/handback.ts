/** What the steps of one hand-back work on, and what they hand each other. */
import type { Host } from '../../host/host';
import type { ProcessIdentity } from '../../host/process';
import type { Restore } from '../../libvirt/restore/restore';
import type { Virsh } from '../../libvirt/virsh';
import { SidestepError } from '../errors';
import type { MigrationSettings } from '../evidence';
import type { InstanceMonitor } from '../instance-monitor';
import type { EmulatorCatalog } from '../emulators/catalog';
import type { TakeBack } from '../plan/plan';
import type { Journal } from '../migration/journal';
import type { Claim } from '../state/claims';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import type { Trace } from '../trace/trace';

export interface HandbackSetting {
  readonly state: StateFolder;
  readonly emulators: EmulatorCatalog;
  readonly virsh: Virsh;
  /** The domain's live XML as libvirt is to run it, secrets included. */
  readonly xml: string;
  readonly trace: Trace;
  readonly journal: Journal;
  /** Cancel and timeout. Without effect from Finish on: the guest has moved. */
  readonly signal: AbortSignal;
  readonly domain: Domain;
  readonly sourceInstance: StartedInstance;
}

export class Handback implements HandbackSetting {
  readonly host: Host;
  readonly state: StateFolder;
  readonly emulators: EmulatorCatalog;
  readonly virsh: Virsh;
  readonly xml: string;
  readonly trace: Trace;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly domain: Domain;
  readonly sourceInstance: StartedInstance;

  /** Aborted at the end, however it comes, and with it what is still awaited. */
  readonly over = new AbortController();
  lock: Claim | undefined;
  source: InstanceMonitor | undefined;
  /** libvirt's QEMU. */
  target: InstanceMonitor | undefined;
  restore: Restore | undefined;
  /** The program that hands over. */
  program: ProcessIdentity | undefined;
  /** QEMU's RunState, which the guest is to have again. */
  runState: string | undefined;
  targetId: number | undefined;
  /** libvirt's QEMU was seen to set the guest running. */
  targetRan = false;
  /** How the source's migration was set up before. */
  sourceSettings: MigrationSettings | undefined;
  /** How the source takes back the addresses that it gives up, and has given up. */
  addresses: readonly TakeBack[] = [];
  readonly givenUp: TakeBack[] = [];
  /** From here on the guest may leave the source. */
  migrateSent = false;
  /** Another client has begun it, and what it heard is not known. */
  resumed = false;

  constructor(setting: HandbackSetting) {
    this.host = setting.state.host;
    this.state = setting.state;
    this.emulators = setting.emulators;
    this.virsh = setting.virsh;
    this.xml = setting.xml;
    this.trace = setting.trace;
    this.journal = setting.journal;
    this.signal = setting.signal;
    this.domain = setting.domain;
    this.sourceInstance = setting.sourceInstance;
  }

  get sourceMonitor(): InstanceMonitor {
    if (this.source === undefined) throw new SidestepError('INTERNAL', 'No monitor of the source.');
    return this.source;
  }

  /** Where the pipe lies that libvirt restores from. */
  get folder(): string {
    return `${this.state.domainFolder(this.domain.uuid)}/handback`;
  }

  dispose(): void {
    this.over.abort();
    this.restore?.dispose();
    this.source?.close();
    this.target?.close();
  }
}
