import type { DomainOverview } from '../../engine/inventory/overview';
import type { Micros } from '../../host/host';
import { defineCommand } from '../command';
import { table } from '../output/table';
import { formatUptime } from '../../engine/text/units';

export const list = defineCommand({
  name: 'list',
  summary: 'List the domains and their instances',
  operands: [],
  options: {},
  help: `A domain has one instance, and two while it is migrated: the source runs it, the target comes
after. The state is the one QEMU tells (running, paused ...), or "gone" if the process has ended,
"migrating", "busy" if another client holds the monitor, or "unreachable" if nobody listens there.`,
  async run(_, context) {
    const engine = await context.engine();
    const { domains } = await engine.overview();
    const now = engine.host.now();
    return {
      document: { domains: domains.map((domain) => listingDocument(domain, now)) },
      text: listingText(domains, now),
    };
  },
});

function listingDocument({ domain, state, instances }: DomainOverview, now: Micros) {
  return {
    name: domain.name,
    uuid: domain.uuid,
    state,
    instances: instances.map(({ instance, table, alive, startedAt }) => ({
      id: instance.id,
      table,
      alive,
      emulator: instance.emulator,
      version: instance.version ?? null,
      pid: instance.process?.pid ?? null,
      uptimeUs: startedAt === undefined ? null : Math.round(now - startedAt),
      monitor: instance.monitor,
    })),
  };
}

function listingText(domains: readonly DomainOverview[], now: Micros): string {
  if (domains.length === 0) {
    return 'No domains. `sidestep start` starts one, `sidestep adopt` takes in a running QEMU.';
  }
  return table(
    [
      { title: 'Id', align: 'right' },
      { title: 'Name' },
      { title: 'State' },
      { title: 'QEMU' },
      { title: 'Pid', align: 'right' },
      { title: 'Up for', align: 'right' },
      { title: 'UUID' },
    ],
    domains.flatMap(({ domain, state, instances }) =>
      instances.map(({ instance, table, startedAt }) => [
        String(instance.id),
        domain.name,
        table === 'source' ? state : 'target',
        instance.version ?? '?',
        String(instance.process?.pid ?? '-'),
        startedAt === undefined ? '-' : formatUptime(now - startedAt),
        domain.uuid,
      ]),
    ),
  );
}
