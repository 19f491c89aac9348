/** What two real emulators lack of each other, and what of it a user is told. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { Finding } from '../../../src/engine/plan/plan';
import { qemu100, qemu72 } from '../../support/emulators';
import { EngineBench } from '../../support/workbench';

describe('two emulators compared', () => {
  const bench = EngineBench.forEachTest();

  const plan = (from: string, emulator: string, ...args: readonly string[]) =>
    bench.engine.planText({
      command: {
        program: from,
        environment: {},
        arguments: ['-machine', 'pc-q35-7.2', '-nodefaults', '-display', 'none', ...args],
      },
      cwd: bench.folder,
      emulator,
      mode: 'precopy',
    });
  /** But that there is no KVM. */
  const told = (findings: readonly Finding[]) =>
    findings
      .filter(({ code }) => code !== 'TCG_COPY_RISK')
      .map(({ code, message }) => `${code}: ${message}`);

  const ordinary = [
    ...['-device', 'virtio-net-pci', '-device', 'virtio-blk-pci', '-device', 'virtio-scsi-pci'],
    ...[
      '-device',
      'qemu-xhci',
      '-device',
      'usb-tablet',
      '-device',
      'e1000e',
      '-device',
      'ich9-ahci',
    ],
    ...['-device', 'virtio-balloon-pci', '-device', 'virtio-rng-pci', '-device', 'VGA'],
    ...['-device', 'ich9-intel-hda', '-device', 'virtio-serial-pci', '-device', 'pcie-root-port'],
  ];

  for (const [from, to] of [
    [qemu72, qemu100],
    [qemu100, qemu72],
  ] as const) {
    it(`have nothing against an ordinary PC, from ${from}`, async () => {
      const { blockers, warnings } = await plan(from, to, ...ordinary);
      assert.deepEqual(told([...blockers, ...warnings]), []);
    });
  }

  it('differ in a state that the older one would misread without a word', async () => {
    const { warnings } = await plan(qemu100, qemu72, '-device', 'am53c974');
    assert.match(
      told(warnings).join(),
      /^STATE_UNKNOWN: \S+ \(QEMU 7\.2\.\S+\) reads the state of am53c974\/esp otherwise .*: version 7, where 6 is the newest known\.$/,
    );
    assert.deepEqual((await plan(qemu72, qemu100, '-device', 'am53c974')).blockers, []);
  });

  it('differ in a part of a state that not every guest has', async () => {
    const { warnings } = await plan(qemu100, qemu72, '-device', 'virtio-gpu-pci');
    assert.match(told(warnings).join(), /^STATE_UNKNOWN: .* does not know virtio-gpu\/blob, which/);
  });

  it('differ in what -cpu max stands for', async () => {
    const { blockers, warnings } = await plan(qemu72, qemu100, '-cpu', 'max');
    assert.deepEqual(blockers, []);
    assert.match(told(warnings).join(), /^CPU_MODEL_DIFFERS: .*: pcommit\.$/);
  });

  it('are asked once, until one of them is another', async () => {
    const compared = async () =>
      (await readdir(bench.path('state/emulators'))).filter((name) => name.startsWith('compared-'))
        .length;
    await bench.engine.emulators.forget();
    await plan(qemu72, qemu100);
    assert.equal(await compared(), 2, 'one of the binaries, one of the guest');
    await plan(qemu72, qemu100);
    assert.equal(await compared(), 2);
    await plan(qemu72, qemu100, '-device', 'virtio-rng-pci');
    assert.equal(await compared(), 3);
    assert.equal((await plan(qemu72, qemu72)).blockers.length, 0);
    assert.equal(await compared(), 3, 'nothing to compare');
  });
});
