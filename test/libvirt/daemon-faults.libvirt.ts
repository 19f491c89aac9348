/** libvirtd dies before each step of either hop, and comes back at once or when all is over. */
import assert from 'node:assert/strict';
import { stepsOf, stepsOfHandback, type Point } from '../support/steps';
import { endLibvirtd, restartLibvirtd, startLibvirtd } from './support/daemon';
import { room } from './support/room';
import { Upgrades, type Untouched } from './support/upgrades';
import type { LibvirtDomain } from './support/domain';

/**
 * It takes minutes: each step has libvirtd come back at once in one room and stay away in the other,
 * unless all is asked for.
 */
const isMet = (index: number, comesBack: boolean): boolean =>
  process.env['SIDESTEP_ALL_FAULTS'] === '1' ||
  comesBack === ((index % 2 === 0) === (room.name === 'bookworm'));

for (const comesBack of [true, false]) {
  const when = comesBack ? 'comes back at once' : 'stays away until all is over';
  describe(`libvirtd that is killed and ${when}: ${room.name}`, () => {
    const upgrades = Upgrades.forSuite();
    const { bench } = upgrades;
    let domain: LibvirtDomain | undefined;
    let before: Untouched;

    /** One domain serves until something has gone wrong with it. */
    async function atHome(): Promise<LibvirtDomain> {
      const now = (domain ??= await bench.domain({ ram: 'file', serials: ['file', 'unix'] }));
      before = await upgrades.look(now);
      return now;
    }

    /** Does something during which libvirtd is killed before one step, and makes sure that it is there at the end. */
    async function without<Went>(
      point: Point,
      run: (beforeStep: (phase: string, step: string) => Promise<void>) => Promise<Went>,
    ): Promise<Went> {
      let isKilled = false;
      const served = domain;
      domain = undefined;
      const went = await run(async (phase, step) => {
        if (isKilled || phase !== point.phase || step !== point.step) return;
        isKilled = true;
        await (comesBack ? restartLibvirtd : endLibvirtd)(bench.host, 'SIGKILL');
      });
      assert.ok(isKilled, 'the step was not come by');
      if (!comesBack) await startLibvirtd();
      domain = served;
      return went;
    }

    for (const point of stepsOf('ignore-shared').filter((_, index) => isMet(index, comesBack))) {
      it(`before ${point.step} in ${point.phase}, on the way from libvirt`, async () => {
        const now = await atHome();
        const { outcome } = await without(point, (beforeStep) =>
          upgrades.upgrade(now, { stay: true }, { beforeStep, hearsAll: false }),
        );
        if (outcome === 'moved') {
          await upgrades.runsInEngine(now);
          assert.equal((await upgrades.handBack(now)).error, undefined);
          await upgrades.isLibvirts(now);
        } else {
          assert.ok(outcome === 'stayed' || outcome === 'refused', outcome);
          await upgrades.isUntouched(now, before);
        }
      });
    }

    for (const point of stepsOfHandback.filter((_, index) => isMet(index, comesBack))) {
      it(`before ${point.step} in ${point.phase}, on the way back`, async () => {
        const now = await atHome();
        assert.equal((await upgrades.upgrade(now, { stay: true })).error, undefined);
        const { outcome, error } = await without(point, (beforeStep) =>
          upgrades.handBack(now, { beforeStep, hearsAll: false }),
        );
        if (outcome !== 'moved') {
          assert.ok(outcome === 'stayed' || outcome === 'refused', String(error?.stack));
          await upgrades.runsInEngine(now);
          assert.equal((await upgrades.handBack(now)).error, undefined);
        }
        await upgrades.isLibvirts(now);
      });
    }
  });
}
