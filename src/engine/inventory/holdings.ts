/** What the instances of a domain hold on the host, and what a migration would do about each. */
import type { Host } from '../../host/host';
import type { NamedBy } from '../../libvirt/own-paths';
import { splitProgram } from '../domain/qemu-process';
import type { EmulatorCatalog } from '../emulators/catalog';
import { noSuchDomain } from '../migration/find-source';
import { makePlan } from '../plan/make-plan';
import type { Resource, ResourceAction, ResourceKind } from '../plan/plan';
import { consoleId, definitionOf } from '../plan/start-arguments';
import type { Domain, Instance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { sideOfTable, type Side, type TableName } from '../trace/record';

export interface DomainHoldings {
  readonly domain: Pick<Domain, 'name' | 'uuid'>;
  /** The source, and the target while a migration is under way. */
  readonly instances: readonly InstanceHoldings[];
}

export interface InstanceHoldings {
  readonly id: number;
  readonly role: Side;
  readonly table: TableName;
  /** The instance's own folder. */
  readonly folder: string;
  /** The engine's monitor; undefined where libvirt has the only one. */
  readonly monitor: string | undefined;
  /** The monitor left to the user; undefined for one that Sidestep has not started. */
  readonly console: string | undefined;
  /** What QEMU prints; undefined for one that Sidestep has not started. */
  readonly output: string | undefined;
  readonly resources: readonly Holding[];
}

export interface Holding {
  readonly kind: ResourceKind;
  /** As on the command line: `-chardev`. */
  readonly option: string;
  /** The path or address. */
  readonly address: string;
  /** What a local migration does about it. */
  readonly action: ResourceAction;
  /** Why, in one sentence. */
  readonly reason: string;
  /** What the target of a migration would have in its place; undefined where that is nothing. */
  readonly target: string | undefined;
  /** Of a path that libvirt chose: what tells it from those of other instances and domains. */
  readonly namedBy?: NamedBy;
}

/** What names nothing on the host. */
const abstractKinds: ReadonlySet<ResourceKind> = new Set(['machine', 'cpu', 'startup', 'secret']);

/** @throws SidestepError `NO_SUCH_DOMAIN`, `EMULATOR_MISSING`, `EMULATOR_FAILS` */
export async function readHoldings(
  state: StateFolder,
  emulators: EmulatorCatalog,
  nameOrUuid: string,
  signal?: AbortSignal,
): Promise<DomainHoldings> {
  const [{ tables }, nextId] = await Promise.all([state.read(), state.nextInstanceId()]);
  const domain = tables.findDomain(nameOrUuid);
  if (domain === undefined) throw noSuchDomain(nameOrUuid);
  signal?.throwIfAborted();
  const held = (['source', 'remote'] as const).flatMap((table) => {
    const instance = tables[table].byUuid(domain.uuid);
    return instance === undefined ? [] : [{ instance, table }];
  });
  const [known, definitions] = await Promise.all([
    emulators.describe(
      held.map(({ instance }) => instance.emulator),
      signal,
    ),
    Promise.all(
      held.map(async ({ instance, table }) =>
        // The source has the addresses of the definition; a target has its own for the overlap.
        table === 'source' ? domain.definition : await definitionRunBy(state.host, instance),
      ),
    ),
  ]);
  return {
    domain,
    instances: held.map(({ instance, table }, index) => {
      const emulator = known[index];
      const folder = state.instanceFolder(instance.id);
      const { monitor, console, output } = state.instancePaths(instance.id, domain);
      const isOurs = instance.monitor === monitor;
      return {
        id: instance.id,
        role: sideOfTable[table],
        table,
        folder,
        monitor: instance.monitor,
        console: hasConsole(instance) ? console : undefined,
        output: isOurs ? output : undefined,
        resources:
          emulator === undefined
            ? []
            : makePlan({
                definition: definitions[index] ?? [],
                source: { emulator, evidence: undefined },
                target: { emulator, directory: state.qemuFolder(nextId, domain) },
                mode: 'auto',
              }).resources.flatMap(holdingOf),
      };
    }),
  };
}

/** Whether it was started with a monitor for the user. */
export function hasConsole({ process }: Instance): boolean {
  return process?.argv.includes(`chardev=${consoleId},mode=control`) === true;
}

async function definitionRunBy(host: Host, { process }: Instance): Promise<readonly string[]> {
  if (process === undefined) return [];
  // The record may still have the command line of a wrapper script.
  const [facts] = await host.inspect([process.pid]);
  if (facts?.startTime !== process.startTime) return [];
  return definitionOf(splitProgram(facts).args, '/');
}

export function holdingOf({ kind, option, source, action, reason, target }: Resource): Holding[] {
  if (source === undefined || abstractKinds.has(kind)) return [];
  return [{ kind, option, address: source, action, reason, target }];
}
