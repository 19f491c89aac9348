import { splitProgram } from '../../engine/domain/qemu-process';
import type { Engine } from '../../engine/engine';
import type { InstanceListing } from '../../engine/listing';
import { instancePaths } from '../../engine/plan/instance-paths';
import type { Resource, ResourceKind } from '../../engine/plan/plan';
import type { Domain } from '../../engine/state/records';
import { noSuchDomain } from '../../engine/migration/find-source';
import { defineCommand } from '../command';
import { printable } from '../../engine/text/printable';
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
    const listed = (await engine.list()).find(
      ({ domain: { name, uuid } }) => name === nameOrUuid || uuid === nameOrUuid.toLowerCase(),
    );
    if (listed === undefined) throw noSuchDomain(nameOrUuid);
    const { domain, instances } = listed;
    const held = await Promise.all(instances.map((each) => holdings(engine, domain, each)));
    return {
      document: { domain: domain.name, uuid: domain.uuid, instances: held },
      text: held.map(holdingsText).join('\n\n'),
    };
  },
});

interface Holding {
  readonly kind: ResourceKind;
  readonly option: string;
  readonly address: string;
  /** What a local migration does about it. */
  readonly action: Resource['action'];
}

interface Holdings {
  readonly id: number;
  readonly table: string;
  readonly folder: string;
  readonly monitor: string;
  readonly output: string;
  readonly resources: readonly Holding[];
}

/** What names nothing on the host. */
const abstractKinds: ReadonlySet<ResourceKind> = new Set(['machine', 'cpu', 'startup', 'secret']);

async function holdings(
  engine: Engine,
  domain: Domain,
  { instance, table }: InstanceListing,
): Promise<Holdings> {
  const folder = engine.state.instanceFolder(instance.id);
  const { resources } = await engine.planText({
    command: {
      program: instance.emulator,
      // The source has the addresses of the definition; a target has its own for the overlap.
      arguments: table === 'source' ? domain.definition : await ownArguments(engine, instance),
      environment: {},
    },
    cwd: '/',
    mode: 'auto',
  });
  return {
    id: instance.id,
    table,
    folder,
    monitor: instance.monitor,
    output: instancePaths(folder).output,
    resources: resources.flatMap(({ kind, option, source, action }) =>
      source === undefined || abstractKinds.has(kind)
        ? []
        : [{ kind, option, address: source, action }],
    ),
  };
}

async function ownArguments(
  engine: Engine,
  { process }: InstanceListing['instance'],
): Promise<readonly string[]> {
  if (process === undefined) return [];
  const [facts] = await engine.host.inspect([process.pid]);
  return facts?.startTime === process.startTime ? splitProgram(facts).args : [];
}

function holdingsText({ id, table: side, folder, resources, monitor }: Holdings): string {
  const rows = resources.map(({ kind, option, address, action }) => [
    kind,
    option,
    address,
    action,
  ]);
  return [
    `Instance ${id} (${side} table), its own folder ${printable(folder)}`,
    table(
      [
        { title: 'Kind' },
        { title: 'Option' },
        { title: 'Path or address' },
        { title: 'Migration' },
      ],
      [['monitor', "Sidestep's", monitor, 'unique'], ...rows],
    ),
  ].join('\n');
}
