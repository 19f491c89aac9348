/** The host's domains and their instances, as a user lists them. */
import { InstanceMonitor } from './instance-monitor';
import type { Domain, Instance } from './state/records';
import type { StateFolder } from './state/state-folder';
import type { TableName } from './trace/record';
import { untraced } from './trace/trace';

export interface InstanceListing {
  readonly instance: Instance;
  readonly table: TableName;
  readonly alive: boolean;
  /** µs since its process was started. */
  readonly uptimeUs: number | undefined;
}

export interface DomainListing {
  readonly domain: Domain;
  /**
   * QEMU's RunState of the source; `migrating` while a migration is under way or was cut off,
   * `gone` if the process has ended, `busy` if its monitor does not answer us.
   */
  readonly state: string;
  readonly instances: readonly InstanceListing[];
}

/** A monitor that does not greet within this is somebody else's; in ms. */
const monitorTimeoutMs = 1_000;

export async function listDomains(
  state: StateFolder,
  signal?: AbortSignal,
): Promise<DomainListing[]> {
  const { host } = state;
  const { tables, journals } = await state.read();
  const { domains, instances } = tables;
  const facts = await host.inspect(instances.map(({ process }) => process?.pid ?? 0));
  const now = host.now();
  const listed = new Map(
    instances.map((instance, index) => {
      const found = facts[index];
      const alive = found !== undefined && found.startTime === instance.process?.startTime;
      return [
        instance.id,
        { instance, alive, uptimeUs: alive ? now - found.startedAt : undefined },
      ];
    }),
  );
  return Promise.all(
    domains.map(async (domain) => {
      const source = listed.get(domain.source);
      const remote = domain.remote === undefined ? undefined : listed.get(domain.remote);
      const moving = remote !== undefined || journals.has(domain.uuid);
      return {
        domain,
        state:
          source?.alive !== true
            ? 'gone'
            : moving
              ? 'migrating'
              : await runState(state, source.instance, signal),
        instances: [
          ...(source === undefined ? [] : [{ ...source, table: 'source' as const }]),
          ...(remote === undefined ? [] : [{ ...remote, table: 'remote' as const }]),
        ],
      };
    }),
  );
}

async function runState(
  { host }: StateFolder,
  instance: Instance,
  signal: AbortSignal | undefined,
): Promise<string> {
  const timeout = AbortSignal.timeout(monitorTimeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  try {
    const monitor = await InstanceMonitor.connect(host, instance, untraced(host), {
      signal: either,
    });
    try {
      return await monitor.queryRunState(either);
    } finally {
      monitor.close();
    }
  } catch {
    return 'busy';
  }
}
