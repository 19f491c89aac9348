/** A QMP session of the user's own with an instance, beside the engine's. */
import type { Disposable, Host } from '../host/host';
import { HostError } from '../host/errors';
import { QmpClient, type QmpEventListener, type QmpGreeting } from '../qemu/qmp/client';
import { QmpError } from '../qemu/qmp/errors';
import { parseQmpSchema, type QmpSchema } from '../qemu/schema/schema';
import { qmpMonitors } from './domain/qmp-monitors';
import { asSidestepError, SidestepError } from './errors';
import { hasConsole } from './inventory/holdings';
import { noSuchDomain } from './migration/find-source';
import type { Domain, Instance } from './state/records';
import type { StateFolder } from './state/state-folder';
import type { Trace } from './trace/trace';

/** QEMU greets at once, unless another client holds the monitor; in ms. */
export const greetingTimeoutMs = 1_500;

/** Sent by us, not by the user: the first for the session, the second for completion. */
const negotiation = 'qmp_capabilities';
const schemaQuery = 'query-qmp-schema';

export interface ConsoleTarget {
  readonly domain: Domain;
  readonly instance: Instance;
}

/** The trace that a domain's migration writes just now, if this client has one under way. */
export type TraceOf = (uuid: string) => Trace | undefined;

export class ConsoleSession implements Disposable {
  readonly #listeners = new Set<QmpEventListener>();
  #client!: QmpClient;
  #readsSchema = false;

  private constructor(
    readonly domain: Domain,
    readonly instance: Instance,
    /** The socket of its monitor. */
    readonly path: string,
  ) {}

  /** @throws HostError, QmpError */
  static async open(
    host: Host,
    { domain, instance }: ConsoleTarget,
    path: string,
    traceOf: TraceOf,
    signal?: AbortSignal,
  ): Promise<ConsoleSession> {
    const session = new ConsoleSession(domain, instance, path);
    const options = signal === undefined ? {} : { signal };
    const stream = await host.connect({ unix: path }, options);
    session.#client = await QmpClient.open(stream, {
      ...options,
      now: () => host.now(),
      origin: `instance ${instance.id}`,
      idPrefix: 'console-',
      greetingTimeoutMs,
      onEvent: (event) => {
        for (const listener of session.#listeners) listener(event);
      },
      tap: ({ direction, kind, name, id, bytes, at, message }) => {
        // The engine's own monitor hears the events, and greets.
        if (kind === 'event' || kind === 'greeting') return;
        if (name === negotiation || (name === schemaQuery && session.#readsSchema)) return;
        traceOf(domain.uuid)?.add({
          ...{ type: 'qmp', instance: instance.id, origin: 'user' },
          ...{ at, direction, kind, bytes, message },
          ...(name !== undefined && { name }),
          ...(id !== undefined && { id }),
        });
      },
    });
    return session;
  }

  get greeting(): QmpGreeting {
    return this.#client.greeting;
  }

  /** Resolves with the reason when the session is over; never rejects. */
  get closed(): Promise<Error> {
    return this.#client.closed;
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  /** @throws QmpError `COMMAND_FAILED`, `CLOSED`, `CANCELLED` */
  execute(command: string, args?: object, signal?: AbortSignal): Promise<unknown> {
    return this.#client.execute(command, args, { signal });
  }

  /**
   * What QMP this QEMU speaks; not recorded, for the user did not ask.
   * @throws QmpError
   */
  async schema(signal?: AbortSignal): Promise<QmpSchema> {
    this.#readsSchema = true;
    try {
      return parseQmpSchema(await this.execute(schemaQuery, undefined, signal));
    } finally {
      this.#readsSchema = false;
    }
  }

  /** Hears QEMU's events as they come, from now on. */
  onEvent(listener: QmpEventListener): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  dispose(): void {
    this.#client.close();
    this.#listeners.clear();
  }
}

/**
 * @param instanceId by default the source
 * @throws SidestepError `NO_SUCH_DOMAIN`, `NOT_RUNNING`
 */
export async function findConsoleTarget(
  state: StateFolder,
  nameOrUuid: string,
  instanceId?: number,
): Promise<ConsoleTarget> {
  const { tables } = await state.read();
  const domain = tables.findDomain(nameOrUuid);
  if (domain === undefined) throw noSuchDomain(nameOrUuid);
  const instance = tables.instance(instanceId ?? domain.source);
  if (instance?.process !== undefined && instance.uuid === domain.uuid) return { domain, instance };
  throw new SidestepError(
    'NOT_RUNNING',
    instanceId === undefined
      ? `Domain "${domain.name}" does not run.`
      : `Domain "${domain.name}" has no instance ${instanceId} that runs.`,
    {
      hint: 'It may have ended, or been moved to another instance: look at the domain again.',
      ...(instanceId !== undefined && { instance: instanceId }),
    },
  );
}

/**
 * Connects to the first monitor of an instance that is left to the user.
 * @throws SidestepError `MONITOR_BUSY`, `MONITOR_UNREACHABLE`, `NO_CONSOLE`
 */
export function openConsole(
  state: StateFolder,
  target: ConsoleTarget,
  traceOf: TraceOf,
  signal?: AbortSignal,
): Promise<ConsoleSession> {
  return onUserMonitor(
    state,
    target,
    (path) => ConsoleSession.open(state.host, target, path, traceOf, signal),
    signal,
  );
}

/**
 * What is done on the first monitor of an instance that is left to the user and can be had.
 * @param connect told the socket of one
 * @throws SidestepError `MONITOR_BUSY`, `MONITOR_UNREACHABLE`, `NO_CONSOLE`
 */
export async function onUserMonitor<Connection>(
  state: StateFolder,
  target: ConsoleTarget,
  connect: (path: string) => Promise<Connection>,
  signal?: AbortSignal,
): Promise<Connection> {
  const { domain, instance } = target;
  const paths = userMonitors(state, target);
  let failure: unknown;
  for (const path of paths) {
    try {
      return await connect(path);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof QmpError) && !(error instanceof HostError)) throw error;
      failure = error;
    }
  }
  if (failure === undefined) {
    throw new SidestepError(
      'NO_CONSOLE',
      `Instance ${instance.id} of domain "${domain.name}" was adopted, and has no QMP monitor but the one that Sidestep uses.`,
      {
        instance: instance.id,
        hint: 'After its first migration it has one for the user too.',
        path: instance.monitor,
      },
    );
  }
  const { code, message } = asSidestepError(failure);
  const isHeld = code === 'MONITOR_BUSY';
  throw new SidestepError(
    isHeld ? 'MONITOR_BUSY' : 'MONITOR_UNREACHABLE',
    isHeld
      ? `Another client holds the QMP console of instance ${instance.id} of domain "${domain.name}".`
      : `The QMP console of instance ${instance.id} of domain "${domain.name}" cannot be reached: ${message}`,
    {
      instance: instance.id,
      hint: isHeld
        ? 'A monitor takes one client at a time: close the other console, it may be in another window.'
        : 'Look whether its process still lives.',
      cause: failure,
      ...(paths[0] !== undefined && { path: paths[0] }),
    },
  );
}

/** Never the engine's own: that one has to be free for a migration. */
function userMonitors(state: StateFolder, { domain, instance }: ConsoleTarget): string[] {
  if (hasConsole(instance)) return [state.instancePaths(instance.id, domain).console];
  if (instance.id !== domain.source) return [];
  return qmpMonitors(domain.definition)
    .map(({ path }) => path)
    .filter((path) => path !== instance.monitor);
}
