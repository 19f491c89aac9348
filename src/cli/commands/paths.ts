import type { Holding, InstanceHoldings } from '../../engine/inventory/holdings';
import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { table } from '../output/table';

export const paths = defineCommand({
  name: 'paths',
  summary: "Show what a domain's instances hold on the host: files, sockets, addresses",
  operands: ['DOMAIN'],
  options: {},
  help: `DOMAIN is a name or a UUID. For each path or address, the last column says what a local migration
does about it: share it, give the target its own, or give it back once the source is gone.`,
  async run({ operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const { domain, instances } = await engine.holdings(nameOrUuid);
    return {
      document: {
        domain: domain.name,
        uuid: domain.uuid,
        instances: instances.map(holdingsDocument),
      },
      text: instances.map(holdingsText).join('\n\n'),
    };
  },
});

function holdingsDocument({
  id,
  table,
  folder,
  monitor,
  console,
  output,
  resources,
}: InstanceHoldings) {
  return {
    id,
    table,
    folder,
    monitor,
    console: console ?? null,
    output: output ?? null,
    resources: resources.map(({ kind, option, address, action, target, reason }) => ({
      ...{ kind, option, address, action, reason },
      target: target ?? null,
    })),
  };
}

function holdingsText({ id, table: side, folder, resources, ...own }: InstanceHoldings): string {
  const monitors = [own.monitor, ...(own.console === undefined ? [] : [own.console])];
  return [
    `Instance ${id} (${side} table), its own folder ${printable(folder)}`,
    table(
      [
        { title: 'Kind' },
        { title: 'Option' },
        { title: 'Path or address' },
        { title: 'Migration' },
      ],
      [
        ...monitors.map((path) => ['monitor', "Sidestep's", path, 'unique']),
        ...resources.map(({ kind, option, address, action }: Holding) => [
          kind,
          option,
          address,
          action,
        ]),
      ],
    ),
  ].join('\n');
}
