/** The room that this test runs in: its libvirt, and its QEMUs, each of which that libvirt can run. */
import assert from 'node:assert/strict';
import { qemu100, qemu72 } from '../../support/emulators';

interface Room {
  readonly name: 'bookworm' | 'trixie';
  readonly libvirt: '9.0' | '11.3';
  /** The QEMU that came with this libvirt. */
  readonly native: string;
}

const rooms: readonly Room[] = [
  { name: 'bookworm', libvirt: '9.0', native: qemu72 },
  { name: 'trixie', libvirt: '11.3', native: qemu100 },
];

const found = rooms.find(({ name }) => name === process.env['SIDESTEP_ROOM']);
assert.ok(found !== undefined, 'not in a room: `node test/libvirt/run.mjs` runs these tests');

export const room: Room = found;
export { qemu100, qemu72 };
