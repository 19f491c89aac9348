/**
 * The tables of a host's instances, as libvirt keeps domains: by UUID and by name. The source
 * tables hold what the host runs; the remote tables stand in for the "other" node while a local
 * migration is under way, so that source and target may share name and UUID.
 */
import type { TableName } from '../trace/record';
import type { Domain, Instance } from './records';

/** One pair of tables. */
class InstanceTables {
  readonly #byUuid = new Map<string, Instance>();
  readonly #byName = new Map<string, Instance>();

  add(domain: Domain, instance: Instance): void {
    this.#byUuid.set(domain.uuid, instance);
    this.#byName.set(domain.name, instance);
  }

  byUuid(uuid: string): Instance | undefined {
    return this.#byUuid.get(uuid);
  }

  byName(name: string): Instance | undefined {
    return this.#byName.get(name);
  }

  get size(): number {
    return this.#byUuid.size;
  }
}

export class Tables {
  readonly source = new InstanceTables();
  readonly remote = new InstanceTables();
  readonly domains: readonly Domain[];
  readonly instances: readonly Instance[];
  readonly #instancesById: ReadonlyMap<number, Instance>;

  constructor(domains: readonly Domain[], instances: readonly Instance[]) {
    this.domains = [...domains].sort((a, b) => a.source - b.source);
    this.instances = [...instances].sort((a, b) => a.id - b.id);
    this.#instancesById = new Map(instances.map((instance) => [instance.id, instance]));
    for (const domain of domains) {
      this.#enter('source', domain, domain.source);
      if (domain.remote !== undefined) this.#enter('remote', domain, domain.remote);
    }
  }

  /** By name, or by UUID: what a user may give. */
  findDomain(nameOrUuid: string): Domain | undefined {
    return (
      this.domains.find((domain) => domain.name === nameOrUuid) ??
      this.domains.find((domain) => domain.uuid === nameOrUuid.toLowerCase())
    );
  }

  instance(id: number): Instance | undefined {
    return this.#instancesById.get(id);
  }

  #enter(table: TableName, domain: Domain, id: number): void {
    const instance = this.#instancesById.get(id);
    if (instance !== undefined) this[table].add(domain, instance);
  }
}
