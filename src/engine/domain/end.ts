/** A domain ends: the guest shuts down, or is not asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import type { Domain, Instance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';

/** Ends a domain: `stop` lets the guest shut down, `destroy` does not ask it. */
export async function endDomain(
  state: StateFolder,
  domain: Domain,
  how: 'stop' | 'destroy',
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const { host } = state;
  const lock = await state.lockDomain(domain);
  let removed = false;
  try {
    const { tables } = await state.read();
    const ids = [domain.source, ...(domain.remote === undefined ? [] : [domain.remote])];
    for (const id of ids) {
      const process = tables.instance(id)?.process;
      const instance = tables.instance(id);
      if (process === undefined || instance === undefined) continue;
      if (how === 'stop') await shutDown(host, instance, options);
      else await host.signal(process, 'SIGKILL');
      await host.waitForExit(process, options.signal);
    }
    const left = await abandonedSockets(host, domain.takenSockets);
    await host.files([
      ...state.removeDomain(domain),
      ...left.map((path) => ({ op: 'remove', path }) as const),
    ]);
    removed = true;
  } finally {
    await lock.release();
    if (removed) await host.files([{ op: 'remove', path: state.domainFolder(domain.uuid) }]);
  }
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
  const [alive] = await host.inspect([process.pid]);
  if (alive?.startTime !== process.startTime) return;
  const monitor = await InstanceMonitor.connect(host, instance, untraced(host), {
    ...(signal && { signal }),
  });
  const timer = new AbortController();
  try {
    await monitor.client.execute('system_powerdown');
    const exited = await Promise.race([
      host.waitForExit(process, timer.signal).then(() => true),
      delay(timeoutMs, false, { signal: timer.signal }),
    ]);
    if (exited) return;
    throw new SidestepError(
      'STILL_RUNNING',
      `The guest of instance ${instance.id} has not shut down within ${timeoutMs / 1000} s of being asked to.`,
      {
        instance: instance.id,
        hint: 'It may not listen to ACPI. `sidestep destroy` ends it without asking.',
      },
    );
  } finally {
    timer.abort();
    monitor.close();
  }
}
