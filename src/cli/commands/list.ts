import type { DomainListing } from '../../engine/listing';
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
"migrating", or "busy" if another client holds the monitor.`,
  async run(_, context) {
    const engine = await context.engine();
    const domains = await engine.list();
    return { document: { domains: domains.map(listingDocument) }, text: listingText(domains) };
  },
});

function listingDocument({ domain, state, instances }: DomainListing) {
  return {
    name: domain.name,
    uuid: domain.uuid,
    state,
    instances: instances.map(({ instance, table, alive, uptimeUs }) => ({
      id: instance.id,
      table,
      alive,
      emulator: instance.emulator,
      version: instance.version ?? null,
      pid: instance.process?.pid ?? null,
      uptimeUs: uptimeUs === undefined ? null : Math.round(uptimeUs),
      monitor: instance.monitor,
    })),
  };
}

function listingText(domains: readonly DomainListing[]): string {
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
      instances.map(({ instance, table, uptimeUs }) => [
        String(instance.id),
        domain.name,
        table === 'source' ? state : 'target',
        instance.version ?? '?',
        String(instance.process?.pid ?? '-'),
        uptimeUs === undefined ? '-' : formatUptime(uptimeUs),
        domain.uuid,
      ]),
    ),
  );
}
