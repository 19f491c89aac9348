/** Upgrades on a host behind SSH, by way of a real sshd, whose connection is cut. */
import assert from 'node:assert/strict';
import { openSshHost } from '../../src/host/ssh';
import { connectToSshd } from '../support/connect-sshd';
import { startSshd, type Sshd } from '../support/sshd';
import { room } from './support/room';
import { Upgrades } from './support/upgrades';

describe(`an upgrade on a host behind SSH: ${room.name}`, () => {
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());
  const upgrades = Upgrades.forEachTest(async () => openSshHost(await connectToSshd(sshd)));
  const { bench } = upgrades;

  /** Cut before the step of that name, for the so manieth time. */
  function cutAt(point: string, time = 1) {
    let left = time;
    return {
      beforeStep: async (phase: string, step: string) => {
        if (`${phase}/${step}` === point && --left === 0) await sshd.dropSessions();
      },
    };
  }

  it('takes a domain to another QEMU and back', async () => {
    const domain = await bench.domain({ ram: 'file', serials: ['file', 'unix'] });
    const { error } = await upgrades.upgrade(domain);
    assert.equal(error, undefined);
    await upgrades.isLibvirts(domain);
  });

  for (const [point, hasMoved] of [
    ['prepare/connect-target', false],
    ['perform/await-completion', true],
  ] as const) {
    it(`cut before "${point}" on its way from libvirt, is brought to an end`, async () => {
      const domain = await bench.domain({ ram: 'file' });
      const before = await upgrades.look(domain);
      const { outcome, error } = await upgrades.upgrade(domain, {}, cutAt(point));
      assert.equal(outcome, 'undecided');
      assert.equal(error?.code, 'DISCONNECTED');
      await upgrades.reconnect();
      const [recovery] = await upgrades.engine.recoverAll();
      assert.equal(recovery?.outcome, hasMoved ? 'moved' : 'stayed');
      if (hasMoved) await upgrades.runsInEngine(domain);
      else await upgrades.isUntouched(domain, before);
    });
  }

  it('cut between the hops: it is Sidestep’s, and can be handed back', async () => {
    const domain = await bench.domain({ ram: 'file' });
    const cut = cutAt('begin/claim-domain', 2);
    const { outcome, error } = await upgrades.upgrade(domain, {}, cut);
    // Nothing of the second has begun.
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'DISCONNECTED');
    await upgrades.reconnect();
    assert.deepEqual(await upgrades.engine.recoverAll(), []);
    await upgrades.runsInEngine(domain);
    const again = await upgrades.handBack(domain);
    assert.equal(again.error, undefined);
    await upgrades.isLibvirts(domain);
  });

  for (const [point, hasMoved] of [
    ['prepare/start-restore', false],
    ['perform/migrate', false],
    ['perform/await-completion', true],
    ['finish/await-restore', true],
  ] as const) {
    it(`cut before "${point}" on its way back, is brought to an end`, async () => {
      const domain = await upgrades.away();
      const { outcome, error } = await upgrades.handBack(domain, cutAt(point));
      assert.equal(outcome, 'undecided');
      assert.equal(error?.code, 'DISCONNECTED');
      await upgrades.reconnect();
      const recovery = await upgrades.engine.recover(domain.name);
      assert.equal(recovery?.outcome, hasMoved ? 'moved' : 'stayed');
      if (!hasMoved) {
        await upgrades.runsInEngine(domain);
        const again = await upgrades.handBack(domain);
        assert.equal(again.error, undefined);
      }
      await upgrades.isLibvirts(domain);
    });
  }
});
