/** What is seldom met, or depends on the moment: in the words that QEMU has said it in. */
import assert from 'node:assert/strict';
import { diagnose } from '../../../src/engine/diagnosis/diagnose';
import { evidenceOf, type FailureEvidence } from '../../../src/engine/diagnosis/diagnosis';

function codeOf(output: string, more: Partial<FailureEvidence> = {}): string | undefined {
  const instance = {
    name: 'The target (instance 2)',
    emulator: '/usr/bin/qemu-system-x86_64',
    ...{ output, hasEnded: true, exit: undefined },
  };
  return diagnose({ ...evidenceOf(instance), ...more })?.code;
}

const failed = (words: string) => `\nqemu: load of migration failed: ${words}`;

describe('a diagnosis', () => {
  for (const [output, code] of [
    // The channel cut in the middle of a page, of a section's end, and of a device.
    [
      `qemu: error while loading state section id 2(ram)${failed('Input/output error')}`,
      'CHANNEL_CUT',
    ],
    [
      `qemu: check_section_footer: Read section footer failed: -5${failed('Invalid argument')}`,
      'CHANNEL_CUT',
    ],
    [
      `qemu: error while loading state for instance 0x0 of device 'ram'${failed('Invalid argument')}`,
      'CHANNEL_CUT',
    ],
    [
      `qemu: error while loading state for instance 0x0 of device 'cpu'${failed('Input/output error')}`,
      'CHANNEL_CUT',
    ],
    // RAM that is another says so first.
    [
      `qemu: Size mismatch: pc.ram: 0x4000000 != 0x6000000: Invalid argument\nqemu: error while loading state for instance 0x0 of device 'ram'${failed('Invalid argument')}`,
      'RAM_SIZE_DIFFERS',
    ],
    [
      `qemu: Mismatched RAM page size pc.ram (local) 4096 != 2097152${failed('Invalid argument')}`,
      'RAM_BACKEND_DIFFERS',
    ],
    [
      `qemu: savevm: unsupported version 7 for 'esp' v6${failed('Invalid argument')}`,
      'STATE_UNKNOWN',
    ],
    [`qemu: Configuration section missing${failed('Invalid argument')}`, 'STATE_DIFFERS'],
    [
      `qemu: Failed to load virtio-net:tmp\nqemu: error while loading state for instance 0x0 of device '0000:00:03.0/virtio-net'${failed('Invalid argument')}`,
      'STATE_DIFFERS',
    ],
    // A module that is not installed is what QEMU speaks of also when it does not miss it.
    [
      "qemu: module hw-display-qxl not found, do you want to install qemu-system-gui package?\nqemu: -device qxl-vga: 'qxl-vga' is not a valid device model name",
      'DEVICE_UNKNOWN',
    ],
    ['qemu: module ui-gtk not found, do you want to install qemu-system-gui package?', undefined],
    [
      "qemu: -object iothread,quantum=1: Property 'iothread.quantum' not found",
      'DEVICE_PROPERTY_UNKNOWN',
    ],
    [
      "qemu: -spice unix=on: There is no option group 'spice'\nqemu: -spice unix=on: Perhaps you want to install qemu-system-modules-spice package?",
      'OPTION_UNKNOWN',
    ],
    ["qemu: -drive if=none,quantum=1: Invalid parameter 'quantum'", 'OPTION_UNKNOWN'],
    [
      "/opt/qemu: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /opt/qemu)",
      'LIBRARY_MISSING',
    ],
    [
      'Could not access KVM kernel module: Permission denied\nqemu: failed to initialize kvm: Permission denied',
      'KVM_UNAVAILABLE',
    ],
    ["qemu: could not load PC BIOS 'bios-256k.bin'", 'FILE_MISSING'],
    ['qemu: something that nobody has heard of', undefined],
    ['', undefined],
  ] as const) {
    it(`of ${JSON.stringify(output.slice(0, 70))} is ${String(code)}`, () => {
      assert.equal(codeOf(output), code);
    });
  }

  it('of a wrapper that waits for QEMU is by its own status', () => {
    const exit = (status: number) => ({ status, killedBy: undefined });
    const ended = (status: number) => {
      const instance = { name: 'X', emulator: 'x', output: '', hasEnded: true, exit: exit(status) };
      return diagnose(evidenceOf(instance))?.code;
    };
    assert.equal(ended(139), 'TARGET_CRASHED');
    assert.equal(ended(137), 'TARGET_KILLED');
    assert.equal(ended(1), undefined);
  });

  it('of a channel that broke is not made of a target that has ended', () => {
    const sourceError = 'Unable to write to socket: Broken pipe';
    assert.equal(codeOf('', { sourceError }), undefined);
  });
});
