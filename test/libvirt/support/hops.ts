/** The two hops of a live upgrade, each to meet with faults: where it begins, goes, and may end. */
import assert from 'node:assert/strict';
import type { ProcessIdentity } from '../../../src/host/process';
import { libvirtProcess } from '../../../src/engine/libvirt/libvirt-process';
import { isAfter, stepsOf, stepsOfHandback, type Point } from '../../support/steps';
import type { LibvirtDomain } from './domain';
import { qemu72 } from './room';
import type { Lasting, Untouched, Upgrades, WatchOptions, Went } from './upgrades';

export interface Hop {
  readonly name: string;
  readonly points: readonly Point[];
  /** Whether both QEMUs are there before that step. */
  isWithTarget(point: Point): boolean;
  /** What `client.mts` is told for it. */
  words(domain: LibvirtDomain, at: string): readonly string[];
  begin(): Promise<LibvirtDomain>;
  migrate(domain: LibvirtDomain, options: WatchOptions): Promise<Went<unknown>>;
  /** Of the domain begun with last. */
  source(): ProcessIdentity;
  target(domain: LibvirtDomain): Promise<ProcessIdentity>;
  hasMoved(domain: LibvirtDomain, how?: Lasting): Promise<void>;
  hasStayed(domain: LibvirtDomain): Promise<void>;
}

export const hopsOf = (upgrades: Upgrades): readonly Hop[] => [
  fromLibvirt(upgrades),
  backToLibvirt(upgrades),
];

function fromLibvirt(upgrades: Upgrades): Hop {
  const points = stepsOf('ignore-shared');
  let before: Untouched;
  return {
    name: 'from libvirt',
    points,
    isWithTarget: (point) => isAfter(points, point, 'start-target'),
    words: ({ name }, at) => ['upgrade', upgrades.stateFolder, at, name, qemu72],
    async begin() {
      const domain = await upgrades.bench.domain({ ram: 'file', serials: ['file', 'unix'] });
      before = await upgrades.look(domain);
      return domain;
    },
    migrate: (domain, options) =>
      upgrades.upgrade(domain, { emulator: qemu72, stay: true }, options),
    source: () => before.process,
    target: (domain) => instanceOf(upgrades, domain),
    hasMoved: (domain, how) => upgrades.runsInEngine(domain, how),
    hasStayed: (domain) => upgrades.isUntouched(domain, before),
  };
}

function backToLibvirt(upgrades: Upgrades): Hop {
  let source: ProcessIdentity;
  return {
    name: 'back to libvirt',
    points: stepsOfHandback,
    isWithTarget: (point) => isAfter(stepsOfHandback, point, 'await-reading'),
    words: ({ name }, at) => ['handback', upgrades.stateFolder, at, name],
    async begin() {
      const domain = await upgrades.away();
      source = await instanceOf(upgrades, domain);
      return domain;
    },
    migrate: (domain, options) => upgrades.handBack(domain, options),
    source: () => source,
    async target(domain) {
      const found = await libvirtProcess(upgrades.bench.host, await domain.uuid());
      assert.ok(found !== undefined, 'libvirt has no QEMU for it');
      return found;
    },
    hasMoved: (domain) => upgrades.isLibvirts(domain),
    async hasStayed(domain) {
      await upgrades.runsInEngine(domain);
      const again = await upgrades.handBack(domain);
      assert.equal(again.error, undefined);
      await upgrades.isLibvirts(domain);
    },
  };
}

/** The process that is the engine's own of the domain. */
async function instanceOf(upgrades: Upgrades, domain: LibvirtDomain): Promise<ProcessIdentity> {
  const uuid = await domain.uuid();
  const { tables } = await upgrades.engine.state.read();
  const own = tables.instances.find((each) => each.uuid === uuid && each.libvirt === undefined);
  assert.ok(own?.process !== undefined, 'the engine has no instance of it');
  return own.process;
}
