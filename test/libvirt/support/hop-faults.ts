/** What may befall a hop before any of its steps. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../../src/engine/trace/record';
import type { ProcessIdentity } from '../../../src/host/process';
import { monitorFaults, type FaultyMonitors } from '../../support/faulty-host';
import { holdStill, released } from '../../support/hold-still';
import { OtherClient } from '../../support/other-client';
import type { Point } from '../../support/steps';
import { endLibvirtd, libvirtd, restartLibvirtd, startLibvirtd } from './daemon';
import type { LibvirtDomain } from './domain';
import type { Hop } from './hops';
import type { Upgrades, WatchOptions, Went } from './upgrades';

export interface HopScene {
  readonly upgrades: Upgrades;
  readonly hop: Hop;
  readonly point: Point;
  readonly domain: LibvirtDomain;
  readonly monitors: FaultyMonitors;
}

export interface HopCourse {
  /** Whether the target has run the guest, or nothing but that was missing. */
  readonly hasMoved: boolean;
}

export interface HopFault {
  readonly name: string;
  /** Whether it takes both QEMUs. */
  readonly needsTarget?: boolean;
  /** Undefined if nobody is left to tell how it went. */
  befall(scene: HopScene): Promise<Went<unknown> | undefined>;
  heal?(scene: HopScene): Promise<void> | void;
  /** Whether libvirt removes the sockets of a domain that has left it. */
  readonly takesSockets?: boolean;
  /** What may become of the guest. By default it lives. */
  leaves?(course: HopCourse): readonly Outcome[];
}

type Strike = (scene: HopScene) => Promise<void> | void;

/** Migrates ourselves, with the fault before the step. */
const striking =
  (strike: Strike, options: Pick<WatchOptions, 'hearsAll'> = {}) =>
  async (scene: HopScene): Promise<Went<unknown>> => {
    const { hop, point, domain } = scene;
    let struck: Promise<void> | undefined;
    const went = await hop.migrate(domain, {
      ...options,
      // A QEMU that stands still may do so within the switchover.
      switchoverMs: 10_000,
      async beforeStep(phase, step) {
        if (struck !== undefined || phase !== point.phase || step !== point.step) return;
        struck = Promise.resolve(strike(scene));
        await struck.catch(() => undefined);
      },
    });
    assert.ok(struck !== undefined, 'the hop did not come to the step');
    await struck;
    return went;
  };

/** A QEMU ends by itself: libvirt is to learn of it from nobody else. */
async function kill({ upgrades }: HopScene, victim: ProcessIdentity): Promise<void> {
  const { host } = upgrades.bench;
  const [facts] = await host.inspect([victim.pid]);
  if (facts?.startTime === victim.startTime) await host.signal(facts, 'SIGKILL');
  await host.waitForExit(victim);
}

export const hopFaults: readonly HopFault[] = [
  {
    name: 'the source stopped for 5 s',
    befall: striking(({ upgrades, hop }) => holdStill(upgrades.bench.host, hop.source())),
    heal: released,
  },
  {
    name: 'the target stopped for 5 s',
    needsTarget: true,
    befall: striking(async ({ upgrades, hop, domain }) =>
      holdStill(upgrades.bench.host, await hop.target(domain)),
    ),
    heal: released,
  },
  ...monitorFaults.map(({ strike, ...fault }) => ({ ...fault, befall: striking(strike) })),
  {
    name: 'the source killed',
    befall: striking((scene) => kill(scene, scene.hop.source())),
    leaves: ({ hasMoved }) => (hasMoved ? ['moved'] : ['lost']),
  },
  {
    name: 'the target killed',
    needsTarget: true,
    befall: striking(async (scene) => kill(scene, await scene.hop.target(scene.domain))),
    leaves: ({ hasMoved }) => (hasMoved ? ['lost', 'undecided'] : ['stayed']),
  },
  {
    name: 'libvirtd killed, and there again at once',
    befall: striking(({ upgrades }) => restartLibvirtd(upgrades.bench.host, 'SIGKILL'), {
      hearsAll: false,
    }),
  },
  libvirtdComesBack(),
  {
    name: 'libvirtd killed, and away until all is over',
    takesSockets: true,
    befall: striking(({ upgrades }) => endLibvirtd(upgrades.bench.host, 'SIGKILL'), {
      hearsAll: false,
    }),
    async heal({ upgrades }) {
      await libvirtd(upgrades.bench.host).catch(() => startLibvirtd());
    },
  },
  {
    name: 'the client killed',
    async befall({ hop, point: { phase, step }, domain }) {
      const at = `${phase}/${step}`;
      const client = new OtherClient(...hop.words(domain, at));
      assert.deepEqual(await client.says(), { at });
      await client.kill();
      return undefined;
    },
  },
];

/** As systemd has it come back. */
function libvirtdComesBack(): HopFault {
  let isBack: Promise<void> | undefined;
  return {
    name: 'libvirtd killed, and there again after 2 s',
    befall: striking(
      async ({ upgrades }) => {
        await endLibvirtd(upgrades.bench.host, 'SIGKILL');
        isBack = delay(2_000).then(startLibvirtd);
      },
      { hearsAll: false },
    ),
    async heal() {
      await isBack;
    },
  };
}
