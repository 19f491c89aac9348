/** The engine's connection to one instance: its monitor, traced, and what its events have told. */
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import type { ConnectOptions, Host } from '../host/host';
import type { ProcessIdentity } from '../host/process';
import {
  migrationStatusOf,
  parseMigrationInfo,
  parseRunState,
  type MigrationInfo,
  type MigrationStatus,
} from '../qemu/migration';
import { LibvirtError } from '../libvirt/errors';
import { monitorPath } from '../libvirt/monitor-path';
import { openMonitorStream } from '../libvirt/monitor-stream';
import { Virsh } from '../libvirt/virsh';
import { QmpClient, type QmpEvent } from '../qemu/qmp/client';
import { runStateAfter } from './run-state';
import type { Instance } from './state/records';
import { ramEntry } from './trace/ram-entry';
import type { Trace } from './trace/trace';

export interface MonitorOptions extends ConnectOptions {
  /** Run state until the first event or query says otherwise. */
  readonly runState?: string;
  /** How long QEMU may take to greet, in ms; a QEMU that is starting may take any time. */
  readonly greetingTimeoutMs?: number;
}

/** An instance, as far as it is needed to talk to it. */
export type MonitoredInstance =
  | { readonly id: number; readonly monitor: string; readonly libvirt?: undefined }
  | (Pick<Instance, 'id' | 'uuid' | 'monitor' | 'libvirt'> & {
      readonly process?: Pick<ProcessIdentity, 'argv'> | undefined;
    });

/** QEMU answers at once; one that does not is stopped or stuck. In ms. */
const monitorCommandTimeoutMs = 30_000;

const StatusReply = v.object({ return: v.object({ status: v.string() }) });
const MigrationReply = v.object({ return: v.object({ status: v.optional(v.string(), 'none') }) });

async function open(
  host: Host,
  instance: MonitoredInstance,
  options: MonitorOptions,
): Promise<Duplex> {
  if (instance.libvirt === undefined) return host.connect({ unix: instance.monitor }, options);
  try {
    return await openMonitorStream(
      new Virsh(host, instance.libvirt),
      instance.uuid,
      options.signal,
    );
  } catch (error) {
    const path = instance.process && monitorPath(instance.process.argv);
    const isAway = error instanceof LibvirtError && error.code === 'LIBVIRT_UNREACHABLE';
    if (!isAway || path === undefined) throw error;
    // Without its libvirt a QEMU's monitor is free. libvirt waits for it should it come back.
    return host.connect({ unix: path }, options);
  }
}

export class InstanceMonitor {
  /** Status of the last MIGRATION event; of the last answer, if they are heeded. */
  migrationStatus: MigrationStatus = 'none';
  /** Before our own migration has begun, an answer may tell of one before it. */
  heedsAnswers = false;
  /** Of the last MIGRATION_PASS event: passes over the guest's RAM that have begun. */
  migrationPass = 0;
  /** When the guest last stopped and resumed here: µs, by QEMU's own clock. */
  stoppedAt: number | undefined;
  resumedAt: number | undefined;
  /** QAPI's ShutdownCause, once QEMU is about to end: `guest-shutdown`, `host-qmp-quit` ... */
  shutdownReason: string | undefined;
  #runState: string | undefined;
  #client!: QmpClient;
  #closedByUs = false;

  private constructor(
    readonly instanceId: number,
    private readonly trace: Trace,
  ) {}

  /** @throws HostError, QmpError */
  static async connect(
    host: Host,
    instance: MonitoredInstance,
    trace: Trace,
    options: MonitorOptions = {},
  ): Promise<InstanceMonitor> {
    const monitor = new InstanceMonitor(instance.id, trace);
    const stream = await open(host, instance, options);
    if (options.runState !== undefined) monitor.#enterRunState(options.runState);
    monitor.#client = await QmpClient.open(stream, {
      now: trace.now,
      origin: `instance ${instance.id}`,
      idPrefix: `${instance.id}-`,
      commandTimeoutMs: monitorCommandTimeoutMs,
      ...(options.signal && { signal: options.signal }),
      ...(options.greetingTimeoutMs !== undefined && {
        greetingTimeoutMs: options.greetingTimeoutMs,
      }),
      onEvent: (event) => {
        monitor.#hear(event);
      },
      tap: ({ direction, kind, name, id, bytes, at, eventAt, message }) => {
        trace.add({
          type: 'qmp',
          instance: instance.id,
          // An event's own time is when it happened; of other messages only ours is known.
          at: eventAt ?? at,
          direction,
          kind,
          bytes,
          message,
          ...(name !== undefined && { name }),
          ...(id !== undefined && { id }),
        });
        if (kind === 'reply' && name === 'query-status') monitor.#hearStatus(message);
        if (kind === 'reply' && name === 'query-migrate') monitor.#hearMigration(message);
      },
    });
    void monitor.#client.closed.then(() => {
      // Whose monitor we close ourselves runs on; and libvirt may be gone without its QEMU.
      const isOwn = instance.libvirt === undefined;
      if (isOwn && !monitor.#closedByUs) monitor.#enterRunState('gone');
    });
    return monitor;
  }

  get client(): QmpClient {
    return this.#client;
  }

  get runState(): string | undefined {
    return this.#runState;
  }

  async queryRunState(signal?: AbortSignal): Promise<string> {
    const state = parseRunState(await this.#client.execute('query-status', undefined, { signal }));
    // An event right behind the answer is heard before we are.
    return this.#runState ?? state.status;
  }

  async queryMigration(signal?: AbortSignal): Promise<MigrationInfo> {
    const info = parseMigrationInfo(
      await this.#client.execute('query-migrate', undefined, { signal }),
    );
    if (info.ram !== undefined) this.trace.add(ramEntry(this.instanceId, info.ram));
    return info;
  }

  /**
   * Resolves as soon as `reached` holds of this monitor; it is asked again at every event.
   * @throws QmpError `CLOSED`, `CANCELLED`, `TIMEOUT`
   */
  async until(
    reached: (monitor: this) => boolean,
    options: { signal?: AbortSignal | undefined; timeoutMs?: number } = {},
  ): Promise<void> {
    if (reached(this)) return;
    await this.#client.waitForEvent(() => reached(this), options);
  }

  close(): void {
    this.#closedByUs = true;
    this.#client.close();
  }

  #hear(event: QmpEvent): void {
    const { name, at } = event;
    const status = migrationStatusOf(event);
    const before = { state: this.#runState, hasStopped: this.stoppedAt !== undefined };
    const { pass, reason } = event.data;
    if (name === 'MIGRATION_PASS' && typeof pass === 'number') this.migrationPass = pass;
    if (name === 'SHUTDOWN' && typeof reason === 'string') this.shutdownReason = reason;
    if (name === 'STOP') this.stoppedAt = at;
    else if (name === 'RESUME') this.resumedAt = at;
    else if (status !== undefined) this.migrationStatus = status;
    const state = runStateAfter(name, status, before);
    if (state !== undefined) this.#enterRunState(state, at);
  }

  /** In the order of the wire: an event that comes after the answer is newer than it. */
  #hearStatus(reply: unknown): void {
    const { success, output } = v.safeParse(StatusReply, reply);
    if (success) this.#enterRunState(output.return.status);
  }

  #hearMigration(reply: unknown): void {
    const { success, output } = v.safeParse(MigrationReply, reply);
    if (success && this.heedsAnswers) this.migrationStatus = output.return.status;
  }

  #enterRunState(state: string, at?: number): void {
    if (state === this.#runState) return;
    this.#runState = state;
    this.trace.add({
      type: 'run-state',
      instance: this.instanceId,
      state,
      ...(at !== undefined && { at }),
    });
  }
}
