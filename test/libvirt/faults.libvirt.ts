/** An upgrade, or a hand-back, that cannot be: nothing is done to the domain. */
import assert from 'node:assert/strict';
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

describe(`a hand-back that is refused: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();

  it('while a QMP console is open, before anything is done', async () => {
    const domain = await upgrades.away();
    const console = await upgrades.engine.openConsole(domain.name);
    const { outcome, error, records } = await upgrades.handBack(domain);
    assert.equal(outcome, 'refused');
    assert.equal(error?.code, 'MONITOR_BUSY');
    assert.match(error.details.hint ?? '', /close the other console/);
    const begun = records.flatMap((record) => (record.type === 'step' ? record.step : []));
    assert.ok(!begun.includes('give-up-addresses'), begun.join(' '));
    console.dispose();
    await upgrades.runsInEngine(domain);
    const again = await upgrades.handBack(domain);
    assert.equal(again.error, undefined);
    await upgrades.isLibvirts(domain);
  });
});
