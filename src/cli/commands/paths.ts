import type { Holding, InstanceHoldings } from '../../engine/inventory/holdings';
import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { table } from '../output/table';
import { connectOptions, namedDomain, namedDomainHelp } from './named-domain';

export const paths = defineCommand({
  name: 'paths',
  summary: "Show what a domain's instances hold on the host: files, sockets, addresses",
  operands: ['DOMAIN'],
  options: connectOptions,
  help: `${namedDomainHelp}
For each path or address it is said what a local migration does about it: share it, give the target
its own, or give it back once the source is gone. Of what libvirt names the last column says how: by
the instance's id, or by the domain's name alone, which is why libvirt refuses to migrate to the same
host.`,
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const { domain, instances } = await engine.holdings(namedDomain(nameOrUuid, values));
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
    monitor: monitor ?? null,
    console: console ?? null,
    output: output ?? null,
    resources: resources.map(({ kind, option, address, action, target, reason, namedBy }) => ({
      ...{ kind, option, address, action, reason },
      target: target ?? null,
      namedBy: namedBy ?? null,
    })),
  };
}

function holdingsText({ id, table: side, folder, resources, ...own }: InstanceHoldings): string {
  const monitors = [own.monitor, own.console].filter((path) => path !== undefined);
  const isLibvirts = resources.some(({ namedBy }) => namedBy !== undefined);
  return [
    `Instance ${id} (${side} table), its own folder ${printable(folder)}`,
    table(
      [
        { title: 'Kind' },
        { title: 'Option' },
        { title: 'Path or address' },
        { title: 'Migration' },
        ...(isLibvirts ? [{ title: 'Named by' }] : []),
      ],
      [
        ...monitors.map((path) => ['monitor', "Sidestep's", path, 'unique']),
        ...resources.map(({ kind, option, address, action, namedBy }: Holding) => [
          kind,
          option,
          address,
          action,
          ...(isLibvirts ? [namedBy ?? ''] : []),
        ]),
      ],
    ),
  ].join('\n');
}
