/** The room that this test runs in: which libvirt, and which QEMUs it can be told to use. */
import assert from 'node:assert/strict';
import { qemu100, qemu72 } from '../../support/emulators';

interface Room {
  readonly name: 'bookworm' | 'trixie';
  readonly libvirt: '9.0' | '11.3';
  /** The QEMU that came with this libvirt, and those that it can run. */
  readonly native: string;
  readonly usable: readonly string[];
}

const rooms: readonly Room[] = [
  // libvirt 9.0 cannot make sense of what QEMU 10.0 says of itself.
  { name: 'bookworm', libvirt: '9.0', native: qemu72, usable: [qemu72] },
  { name: 'trixie', libvirt: '11.3', native: qemu100, usable: [qemu72, qemu100] },
];

const found = rooms.find(({ name }) => name === process.env['SIDESTEP_ROOM']);
assert.ok(found !== undefined, 'not in a room: `node test/libvirt/run.mjs` runs these tests');

export const room: Room = found;
export { qemu100, qemu72 };
