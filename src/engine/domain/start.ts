/** A domain is started: upgrade-ready, in an instance folder of its own. */
import { dirname, join } from 'node:path';
import type { Host } from '../../host/host';
import { CommandLine } from '../../qemu/commandline/commandline';
import type { EmulatorCatalog } from '../emulators/catalog';
import { asSidestepError, SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import { reasonIn } from '../output-watch';
import { definitionOf, startArguments } from '../plan/start-arguments';
import { instancePaths } from '../plan/instance-paths';
import type { Domain, Instance, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';
import { withIdentity } from './identity';
import { makeWay } from './make-way';
import { makeUpgradeReady, ramSize, type RamPlace, type UpgradeReady } from './upgrade-ready';

export interface StartRequest {
  readonly name: string;
  readonly emulator: string;
  /** Arguments for QEMU, the program aside. */
  readonly arguments: readonly string[];
  /** Where relative paths of the arguments lie. */
  readonly cwd: string;
  /** By default a file where there is room in the host's shared memory, else a memfd. */
  readonly ram?: RamPlace | undefined;
  readonly signal?: AbortSignal;
}

export interface StartedDomain {
  readonly domain: Domain;
  readonly instance: StartedInstance;
  /** What the user should know of how it was started. */
  readonly remark: string;
}

export async function startDomain(
  state: StateFolder,
  emulators: EmulatorCatalog,
  request: StartRequest,
): Promise<StartedDomain> {
  const { host } = state;
  const emulatorPath = await emulators.locate(request.emulator, request.signal);
  const [emulator] = await emulators.describe([emulatorPath], request.signal);
  const asked = withIdentity(definitionOf(request.arguments, request.cwd), request.name);
  const ready = await chooseRam(host, asked, request.ram, (place, ramFile) =>
    makeUpgradeReady(asked.definition, emulator, place, ramFile),
  );

  const lock = await state.lockCreation();
  try {
    const { tables } = await state.read();
    await makeWay(state, tables, { name: request.name, uuid: asked.uuid });
    if (ready.ramFile !== undefined) await makePrivateFolder(host, dirname(ready.ramFile));
    const id = await state.claimInstanceId();
    const paths = instancePaths(state.instanceFolder(id));
    const domain: Domain = {
      uuid: asked.uuid,
      name: request.name,
      definition: [...ready.definition],
      source: id,
      takenSockets: [],
      ownedPaths: ready.ramFile === undefined ? [] : [ready.ramFile],
    };
    const claimed: Instance = {
      id,
      uuid: asked.uuid,
      emulator: emulatorPath,
      monitor: paths.monitor,
    };
    try {
      await host.files([
        { op: 'mkdir', path: state.instanceFolder(id), exclusive: true },
        { op: 'mkdir', path: state.domainFolder(asked.uuid) },
        state.writeInstance(claimed),
        state.writeDomain(domain),
      ]);
      const instance = await startInstance(state, claimed, ready.definition, request.signal);
      return { domain, instance, remark: ready.remark };
    } catch (error) {
      await host.files(state.removeDomain(domain));
      throw error;
    }
  } catch (error) {
    throw state.explain(error);
  } finally {
    await lock.release();
  }
}

/** Starts an instance's process and waits until its monitor answers. */
async function startInstance(
  state: StateFolder,
  claimed: Instance,
  definition: readonly string[],
  signal: AbortSignal | undefined,
): Promise<StartedInstance> {
  const { host } = state;
  const folder = state.instanceFolder(claimed.id);
  const { output } = instancePaths(folder);
  const argv = [claimed.emulator, ...startArguments(definition, folder)];
  let process = await host.start({ argv, cwd: '/', outputPath: output });
  try {
    const monitor = await InstanceMonitor.connect(host, claimed, untraced(host), {
      waitFor: process,
      greetingTimeoutMs: Infinity,
      ...(signal && { signal }),
    });
    // It greets while it still sets up its machine, and answers when that is done.
    await monitor.queryRunState(signal);
    const { version } = monitor.client.greeting;
    monitor.close();
    const [facts] = await host.inspect([process.pid]);
    if (facts !== undefined) process = { ...process, argv: facts.argv };
    const instance = { ...claimed, version, process: { ...process, argv: [...process.argv] } };
    await host.files([state.writeInstance(instance)]);
    return instance;
  } catch (error) {
    await host.signal(process, 'SIGKILL');
    await host.waitForExit(process);
    const [data] = await host.files([{ op: 'read', path: output }]);
    const said = (data ?? Buffer.alloc(0)).toString().trim();
    throw new SidestepError(
      'START_FAILED',
      `QEMU (${claimed.emulator}) did not start: ${said === '' ? asSidestepError(error).message : reasonIn(said)}`,
      { path: claimed.emulator, output: said, cause: error },
    );
  }
}

/**
 * The folder of RAM files lies where every user may write: one that somebody else has put there,
 * or a link, is not used.
 */
async function makePrivateFolder(host: Host, path: string): Promise<void> {
  const [, stat, real] = await host.files([
    { op: 'mkdir', path },
    { op: 'stat', path },
    { op: 'realpath', path },
  ]);
  if (real === path && stat?.uid === host.facts.uid && (stat.mode & 0o077) === 0) return;
  throw new SidestepError(
    'RAM_FOLDER_NOT_PRIVATE',
    `${path}, where guest RAM is to lie, is not a folder of yours alone.`,
    { path, hint: 'Remove it, or use --ram memfd.' },
  );
}

/** A file if the host's shared memory has room for it: pages beyond its size would kill QEMU. */
async function chooseRam(
  host: Host,
  asked: { readonly definition: readonly string[]; readonly uuid: string },
  place: RamPlace | undefined,
  make: (place: RamPlace, ramFile: string) => UpgradeReady,
): Promise<UpgradeReady> {
  const folder = host.facts.sharedMemoryDir;
  const ramFile = join(folder ?? '/', `sidestep-${host.facts.uid}`, `${asked.uuid}.ram`);
  if (place === 'memfd' || place === 'as-is') return make(place, ramFile);
  const size = ramSize(CommandLine.parse(asked.definition));
  const free =
    folder === undefined ? 0 : (await host.files([{ op: 'freeSpace', path: folder }]))[0];
  if (free >= size) return make('file', ramFile);
  if (place === 'file') {
    throw new SidestepError(
      'NO_ROOM_FOR_RAM',
      `${folder ?? 'This host'} has no room for a RAM file of ${size} bytes (${free} bytes free).`,
      { hint: 'Use --ram memfd, or make /dev/shm larger.', ...(folder && { path: folder }) },
    );
  }
  const ready = make('memfd', ramFile);
  return {
    ...ready,
    remark: `${ready.remark} ${folder ?? 'There is no /dev/shm, which'} has no room for a file.`,
  };
}
