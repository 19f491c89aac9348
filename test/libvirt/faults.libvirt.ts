/** Whatever happens to an upgrade, the guest runs in exactly one place. */
import assert from 'node:assert/strict';
import { OtherClient } from '../support/other-client';
import { stepsOf, stepsOfHandback } from '../support/steps';
import { qemu72, room } from './support/room';
import { Upgrades } from './support/upgrades';
import { writeGuestlessEmulator, writeScript } from '../support/wrapper';

describe(`an upgrade that is refused: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  const { bench } = upgrades;

  it('where this libvirt cannot run the emulator, before anything is done', async () => {
    const emulator = bench.path('qemu-of-another-kind');
    // So libvirt asks each what it can do.
    await writeScript(emulator, [
      'case "$*" in *"-machine none"*) echo not today >&2; exit 1;; esac',
      `exec '${qemu72}' "$@"`,
    ]);
    const domain = await bench.domain({ ram: 'file' });
    const before = await upgrades.look(domain);
    const { outcome, error, records } = await upgrades.upgrade(domain, { emulator });
    assert.equal(outcome, 'refused');
    assert.deepEqual(
      error?.details.findings?.map(({ code }) => code),
      ['LIBVIRT_CANNOT'],
    );
    assert.match(String(error), /not today/);
    assert.deepEqual(records, []);
    await upgrades.isUntouched(domain, before);
  });

  it('where the new QEMU does not come up', async () => {
    const emulator = bench.path('qemu-guestless');
    await writeGuestlessEmulator(emulator, qemu72, 'out of luck');
    const domain = await bench.domain({ ram: 'file' });
    const before = await upgrades.look(domain);
    const { outcome, error } = await upgrades.upgrade(domain, { emulator });
    assert.equal(outcome, 'stayed');
    assert.match(String(error), /out of luck/);
    await upgrades.isUntouched(domain, before);
  });
});

describe(`an upgrade whose client was killed: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  const { bench } = upgrades;

  for (const { phase, step } of stepsOf('ignore-shared')) {
    it(`before "${step}" in ${phase}, on its way from libvirt, is brought to an end`, async () => {
      const domain = await bench.domain({ ram: 'file', serials: ['file', 'unix'] });
      const before = await upgrades.look(domain);
      const stop = `${phase}/${step}`;
      const client = new OtherClient('upgrade', upgrades.stateFolder, stop, domain.name, qemu72);
      assert.deepEqual(await client.says(), { at: stop });
      await client.kill();
      const [recovery] = await upgrades.engine.recoverAll();
      const isSwitched = ['finish', 'confirm'].includes(phase);
      if (step === 'claim-domain') assert.equal(recovery, undefined);
      else if (isSwitched) assert.equal(recovery?.outcome, 'moved');
      if (recovery?.outcome === 'moved') await upgrades.runsInEngine(domain);
      else await upgrades.isUntouched(domain, before);
    });
  }

  for (const { phase, step } of stepsOfHandback) {
    it(`before "${step}" in ${phase}, on its way back to libvirt, is brought to an end`, async () => {
      const domain = await upgrades.away();
      const stop = `${phase}/${step}`;
      const client = new OtherClient('handback', upgrades.stateFolder, stop, domain.name);
      assert.deepEqual(await client.says(), { at: stop });
      await client.kill();
      const recovery = await upgrades.engine.recover(domain.name);
      const isSwitched = ['finish', 'confirm'].includes(phase);
      if (step === 'claim-domain') assert.equal(recovery, undefined);
      else if (isSwitched || step === 'await-completion') assert.equal(recovery?.outcome, 'moved');
      else assert.equal(recovery?.outcome, 'stayed');
      if (recovery?.outcome === 'moved') await upgrades.isLibvirts(domain);
      else {
        await upgrades.runsInEngine(domain);
        const again = await upgrades.handBack(domain);
        assert.equal(again.error, undefined);
        await upgrades.isLibvirts(domain);
      }
    });
  }
});
