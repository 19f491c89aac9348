/**
 * The fault matrix of a live upgrade of libvirt's domains: every fault before every step of both hops, of
 * which a seeded sample is run, or all (`npm run test:faults`).
 */
import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine';
import { SidestepError } from '../../src/engine/errors';
import type { Outcome } from '../../src/engine/trace/record';
import { choose } from '../faults/choose';
import { FaultyMonitors } from '../support/faulty-host';
import type { Point } from '../support/steps';
import type { LibvirtDomain } from './support/domain';
import { hopFaults, type HopFault } from './support/hop-faults';
import { hopsOf, type Hop } from './support/hops';
import { room } from './support/room';
import { Upgrades, type Went } from './support/upgrades';

interface Case {
  readonly hop: Hop;
  readonly point: Point;
  readonly fault: HopFault;
}

const upgrades = new Upgrades();
const hops = hopsOf(upgrades);
const matrix = hopFaults.map((fault) =>
  hops.flatMap((hop) =>
    hop.points
      .filter((point) => fault.needsTarget !== true || hop.isWithTarget(point))
      .map((point): Case => ({ hop, point, fault })),
  ),
);
/** Of all faults together, with each test run. */
const { cases, words } = choose(matrix, 18);

describe(`faults of a live upgrade, ${words}: ${room.name}`, function () {
  this.timeout(180_000);
  const monitors = new FaultyMonitors();
  beforeEach(async () => {
    await upgrades.open();
    await upgrades.engine.close();
    upgrades.engine = await Engine.open(monitors.on(upgrades.bench.host), upgrades.stateFolder);
  });
  afterEach(() => upgrades.close());

  for (const each of cases) {
    const { hop, point, fault } = each;
    it(`${fault.name}, before ${point.step} in ${point.phase}, ${hop.name}`, () => befall(each));
  }

  async function befall({ hop, point, fault }: Case): Promise<void> {
    const domain = await hop.begin();
    const scene = { upgrades, hop, point, domain, monitors };
    const went = await fault.befall(scene).finally(() => fault.heal?.(scene));
    const outcome = await settled(await domain.uuid(), went);

    const hasMoved = ['finish', 'confirm'].includes(point.phase) || ranElsewhere(went);
    const lives: readonly Outcome[] = ['moved', 'stayed', 'refused'];
    const left = fault.leaves?.({ hasMoved }) ?? lives;
    assert.ok(left.includes(outcome), `${outcome}: ${went?.error?.message ?? ''}`);
    if (outcome === 'moved') await hop.hasMoved(domain, { sockets: fault.takesSockets !== true });
    else if (lives.includes(outcome)) await hop.hasStayed(domain);
    else await runsNowhere(domain);
  }

  /** What may be left of it is ended, and then neither has it. */
  async function runsNowhere(domain: LibvirtDomain): Promise<void> {
    const uuid = await domain.uuid();
    const { domains } = await upgrades.engine.overview();
    if (domains.some((each) => each.domain.uuid === uuid)) await upgrades.engine.destroy(uuid);
    await domain.isShutOff();
  }

  /** What was left undecided under the fault, or by a client that is gone, is decided without it. */
  async function settled(uuid: string, went: Went<unknown> | undefined): Promise<Outcome> {
    if (went !== undefined && went.outcome !== 'undecided') return went.outcome;
    // As whoever connects next does; what QEMU is still at is left for the other.
    const [atOnce] = await upgrades.engine.recoverAll();
    const recovery =
      atOnce ?? (await onceFree(() => upgrades.engine.recover(uuid)).catch(isUnknown));
    return recovery?.outcome ?? (went === undefined ? 'refused' : 'undecided');
  }
});

/** What a killed client was just starting has its claim until it is another program: for milliseconds. */
async function onceFree<T>(take: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof SidestepError && error.code === 'DOMAIN_BUSY')) throw error;
    }
  }
}

/** Nothing was begun yet, or it cannot be told safely. */
function isUnknown(error: unknown): undefined {
  const codes = ['NO_SUCH_DOMAIN', 'RECOVERY_UNDECIDED'];
  if (!(error instanceof SidestepError && codes.includes(error.code))) throw error;
}

/** The instance that began does not run the guest at last. */
function ranElsewhere(went: Went<unknown> | undefined): boolean {
  const resumed = went?.records.findLast(
    (record) => record.type === 'qmp' && record.kind === 'event' && record.name === 'RESUME',
  );
  const source = went?.records.find((record) => record.type === 'run-state');
  return resumed !== undefined && resumed.instance !== source?.instance;
}
