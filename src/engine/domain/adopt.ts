/** A QEMU that was started by hand becomes a domain. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import type { ProcessFacts } from '../../host/process';
import { CommandLine } from '../../qemu/commandline/commandline';
import { QmpError } from '../../qemu/qmp/errors';
import { asSidestepError, SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import { definitionOf } from '../plan/start-arguments';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';
import { checkName } from './identity';
import { makeWay } from './make-way';
import { qmpMonitors } from './qmp-monitors';
import { splitProgram } from './qemu-process';
import type { StartedDomain } from './start';

export interface AdoptRequest {
  /** A pid, or the path of a QMP socket. */
  readonly pid?: number;
  readonly socket?: string;
  /** By default the name QEMU itself has, or `qemu-PID`. */
  readonly name?: string | undefined;
  /** Where relative paths of its command line lie; by default its working directory. */
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Takes in a QEMU that was started by hand. Nothing of it is changed. */
export async function adoptDomain(
  state: StateFolder,
  request: AdoptRequest,
): Promise<StartedDomain> {
  const { host } = state;
  const lock = await state.lockCreation();
  try {
    const facts =
      request.pid === undefined
        ? await processOfSocket(host, request.socket ?? '')
        : await processOfPid(host, request.pid);
    const { emulator, args } = splitProgram(facts);
    const definition = definitionOf(args, workingDirectory(facts, args, request.cwd));
    const sockets = request.socket === undefined ? qmpSocketsIn(definition) : [request.socket];
    const monitor = await firstFreeMonitor(host, facts.pid, sockets, request.signal);
    const [uuid, ownName] = await Promise.all([
      monitor.client.execute('query-uuid').then((answer) => v.parse(Uuid, answer).UUID),
      monitor.client.execute('query-name').then((answer) => v.parse(Name, answer).name),
    ]);
    const { version } = monitor.client.greeting;
    monitor.close();

    const { tables } = await state.read();
    const taken = tables.instances.find(
      ({ process }) => process?.pid === facts.pid && process.startTime === facts.startTime,
    );
    if (taken !== undefined) {
      throw new SidestepError(
        'ALREADY_A_DOMAIN',
        `Process ${facts.pid} is instance ${taken.id} already.`,
        {
          instance: taken.id,
          hint: '`sidestep list` shows its domain.',
        },
      );
    }
    const domainUuid = uuid === nilUuid ? randomUUID() : uuid;
    const name = request.name ?? ownName ?? `qemu-${facts.pid}`;
    checkName(name);
    await makeWay(state, tables, { name, uuid: domainUuid });
    const id = await state.claimInstanceId();
    const { pid, startTime, argv } = facts;
    const instance = {
      id,
      uuid: domainUuid,
      emulator,
      version,
      monitor: monitor.path,
      process: { pid, startTime, argv: [...argv] },
    };
    const domain = {
      uuid: domainUuid,
      name,
      definition: [...definition],
      source: id,
      takenSockets: [],
      ownedPaths: [],
    };
    try {
      await host.files([
        { op: 'mkdir', path: state.instanceFolder(id), exclusive: true },
        { op: 'mkdir', path: state.domainFolder(domainUuid) },
        state.writeInstance(instance),
        state.writeDomain(domain),
      ]);
    } catch (error) {
      await host.files(state.removeDomain(domain));
      throw error;
    }
    return { domain, instance, remark: `Taken in through its monitor ${monitor.path}.` };
  } catch (error) {
    throw state.explain(error);
  } finally {
    await lock.release();
  }
}

/**
 * Where the process was started. QEMU with `-daemonize` has gone to `/` since, and nothing tells
 * from where.
 */
function workingDirectory(
  facts: ProcessFacts,
  args: readonly string[],
  given: string | undefined,
): string {
  const cwd = given ?? facts.cwd ?? '/';
  const isDaemon = CommandLine.parse(args).options.some(({ name }) => name === 'daemonize');
  if (given !== undefined || !isDaemon) return cwd;
  const elsewhere = definitionOf(args, '/elsewhere');
  const depends = definitionOf(args, cwd).some((word, index) => word !== elsewhere[index]);
  if (!depends) return cwd;
  throw new SidestepError(
    'RELATIVE_PATHS',
    `Process ${facts.pid} was started with -daemonize and relative paths, and no longer knows where that was.`,
    { hint: `Say where it was started with --cwd DIR.` },
  );
}

const nilUuid = '00000000-0000-0000-0000-000000000000';
const Uuid = v.object({ UUID: v.string() });
const Name = v.object({ name: v.optional(v.string()) });

async function processOfPid(host: Host, pid: number): Promise<ProcessFacts> {
  const [facts] = await host.inspect([pid]);
  if (facts === undefined) {
    throw new SidestepError('NO_SUCH_PROCESS', `There is no process ${pid} on ${host.name}.`);
  }
  return facts;
}

/** The process whose command line names the socket: QEMU does not tell its pid. */
async function processOfSocket(host: Host, path: string): Promise<ProcessFacts> {
  const [stat, pids] = await host.files([
    { op: 'stat', path },
    { op: 'list', path: '/proc' },
  ]);
  if (stat?.kind !== 'socket') {
    throw new SidestepError('NO_SUCH_SOCKET', `${path} is no unix socket.`, { path });
  }
  const processes = await host.inspect(pids.filter((name) => /^\d+$/.test(name)).map(Number));
  const owners = processes.filter(
    (facts): facts is ProcessFacts => facts !== undefined && qmpSocketsOf(facts).includes(path),
  );
  const [owner, ...others] = owners;
  if (owner !== undefined && others.length === 0) return owner;
  throw new SidestepError(
    'NO_OWNER',
    owner === undefined
      ? `No QEMU process names ${path} as its QMP socket.`
      : `Several processes name ${path}: ${owners.map(({ pid }) => pid).join(', ')}.`,
    { path, hint: 'Give the pid of the QEMU process instead.' },
  );
}

function qmpSocketsOf(facts: ProcessFacts): string[] {
  try {
    return qmpSocketsIn(definitionOf(splitProgram(facts).args, facts.cwd ?? '/'));
  } catch {
    // Not QEMU, or not readable as such.
    return [];
  }
}

function qmpSocketsIn(definition: readonly string[]): string[] {
  return qmpMonitors(definition).map(({ path }) => path);
}

async function firstFreeMonitor(
  host: Host,
  pid: number,
  sockets: readonly string[],
  signal: AbortSignal | undefined,
): Promise<InstanceMonitor & { readonly path: string }> {
  let failure: unknown;
  for (const path of sockets) {
    try {
      const monitor = await InstanceMonitor.connect(
        host,
        { id: 0, monitor: path },
        untraced(host),
        {
          ...(signal && { signal }),
        },
      );
      return Object.assign(monitor, { path });
    } catch (error) {
      if (!(error instanceof QmpError) && !(error instanceof HostError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) {
    throw new SidestepError(
      'MONITOR_BUSY',
      `No QMP monitor of process ${pid} is free: ${asSidestepError(failure).message}`,
      {
        hint: `Disconnect the client that holds it: ${sockets.join(', ')}.`,
        cause: failure,
      },
    );
  }
  throw new SidestepError('NO_MONITOR', `Process ${pid} offers no QMP monitor on a unix socket.`, {
    hint: 'QEMU cannot be given one while it runs: start it with -qmp unix:PATH,server=on,wait=off.',
  });
}
