/** A domain ends: the guest shuts down, or is not asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import type { ProcessIdentity } from '../../host/process';
import { SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import { isAlive } from '../is-alive';
import { removeTaps } from './taps';
import type { Domain, Instance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';

/** Ends a domain: `stop` lets the guest shut down, `destroy` does not ask it. */
export async function endDomain(
  state: StateFolder,
  found: Domain,
  how: 'stop' | 'destroy',
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const { host } = state;
  const lock = await state.lockDomain(found);
  let removed = false;
  try {
    // It may have been moved while we waited for the lock.
    const { tables } = await state.read();
    const domain = tables.findDomain(found.uuid) ?? found;
    const ids = [domain.source, ...(domain.remote === undefined ? [] : [domain.remote])];
    for (const id of ids) {
      const process = tables.instance(id)?.process;
      const instance = tables.instance(id);
      if (process === undefined || instance === undefined) continue;
      if (how === 'stop') await shutDown(host, instance, options);
      else await kill(host, id, process);
      await host.waitForExit(process, options.signal);
    }
    await forget(state, domain);
    removed = true;
  } finally {
    await lock.release();
    if (removed) await host.files([{ op: 'remove', path: state.domainFolder(found.uuid) }]);
  }
}

/** Removes a domain that no process runs any more, with all that was made for it. */
export async function forget(state: StateFolder, domain: Domain): Promise<void> {
  const left = await abandonedSockets(state.host, domain.takenSockets);
  await removeTaps(state.host, domain.ownedTaps ?? []);
  await state.host.files([
    ...state.removeDomain(domain),
    ...left.map((path) => ({ op: 'remove', path }) as const),
  ]);
}

async function kill(host: Host, id: number, process: ProcessIdentity): Promise<void> {
  if (await host.signal(process, 'SIGKILL')) return;
  const [facts] = await host.inspect([process.pid]);
  if (facts?.startTime !== process.startTime) return;
  // At its end it gives back its memory, and its arguments with it.
  if (facts.argv.length === 0) return;
  if (isWrapped(process.argv, facts.argv) && (await host.signal(facts, 'SIGKILL'))) return;
  throw new SidestepError(
    'PROCESS_CHANGED',
    `Process ${process.pid} does not have the command line that was recorded for instance ${id}, so it was left alone.`,
    { instance: id, hint: 'Look at it with `ps`, and end it by hand if it is the VM.' },
  );
}

/**
 * Whether what was recorded has become this QEMU since, by exec: a wrapper script, whose own arguments
 * are behind those that it adds, or a program that runs the rest of its words (`asUser`). So it was if
 * the client died before it could record that.
 */
function isWrapped(recorded: readonly string[], now: readonly string[]): boolean {
  if (isDeepStrictEqual(recorded.slice(-now.length), now)) return true;
  // `#!` makes it: interpreter, perhaps with an option, and script.
  const script = recorded.slice(0, 3).findLastIndex((word) => word.startsWith('/'));
  const own = recorded.slice(script + 1);
  return own.length > 0 && isDeepStrictEqual(now.slice(-own.length), own);
}

/** Those of the sockets that nobody listens on: one that somebody else has made since stays. */
async function abandonedSockets(host: Host, paths: readonly string[]): Promise<string[]> {
  const abandoned = await Promise.all(
    paths.map(async (path) => {
      try {
        const stream = await host.connect({ unix: path });
        stream.destroy();
        return [];
      } catch (error) {
        return error instanceof HostError && error.code === 'NOT_LISTENING' ? path : [];
      }
    }),
  );
  return abandoned.flat();
}

async function shutDown(
  host: Host,
  instance: Instance,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const { process } = instance;
  if (process === undefined) return;
  if (!(await isAlive(host, process))) return;
  const timer = new AbortController();
  const cancel = () => {
    timer.abort(signal?.reason);
  };
  signal?.addEventListener('abort', cancel);
  const exited = host.waitForExit(process, timer.signal).then(() => true);
  let monitor: InstanceMonitor | undefined;
  try {
    monitor = await powerDown(host, instance, signal).catch(async (error: unknown) => {
      // One that is just ending closes its monitor first.
      if (await Promise.race([exited, delay(endingMs, false, { signal: timer.signal })])) {
        return undefined;
      }
      throw error;
    });
    const isGone = await Promise.race([exited, delay(timeoutMs, false, { signal: timer.signal })]);
    if (isGone) return;
    throw stillRunning(instance.id, timeoutMs);
  } finally {
    signal?.removeEventListener('abort', cancel);
    exited.catch(() => undefined);
    timer.abort();
    monitor?.close();
  }
}

export function stillRunning(id: number, timeoutMs: number): SidestepError {
  return new SidestepError(
    'STILL_RUNNING',
    `The guest of instance ${id} has not shut down within ${timeoutMs / 1000} s of being asked to.`,
    {
      instance: id,
      hint: 'It may not listen to ACPI. `sidestep destroy` ends it without asking.',
    },
  );
}

/** How long a QEMU whose monitor is closed may take to end, in ms. */
const endingMs = 5_000;

/** Presses the guest's power button. What it does about it is seen by QEMU's end. */
async function powerDown(
  host: Host,
  instance: Instance,
  signal: AbortSignal | undefined,
): Promise<InstanceMonitor> {
  const monitor = await InstanceMonitor.connect(host, instance, untraced(host), {
    ...(signal && { signal }),
  });
  // A guest that is quick takes QEMU, and its answer, with it.
  monitor.client.execute('system_powerdown').catch(() => undefined);
  return monitor;
}
