import assert from 'node:assert/strict';
import { conflictingLocks, locksIn } from '../../../src/engine/host-evidence/image-locks';

/** As Linux 6.18 writes it for a QEMU 7.2 with a raw disk, and others beside it. */
const all = `1: POSIX  ADVISORY  WRITE 3350 fe:00:99 0 EOF
2: OFDLCK ADVISORY  READ -1 fe:00:16638111 100 101
3: OFDLCK ADVISORY  READ -1 fe:00:16638111 103 103
4: OFDLCK ADVISORY  READ -1 fe:00:16638111 201 201
5: FLOCK  ADVISORY  WRITE 2955 fe:00:16638111 0 EOF
`;
const own = `pos:	0
flags:	02140002
mnt_id:	25
ino:	16638111
lock:	1: OFDLCK ADVISORY  READ -1 fe:00:16638111 100 101
lock:	2: OFDLCK ADVISORY  READ -1 fe:00:16638111 103 103
lock:	3: OFDLCK ADVISORY  READ -1 fe:00:16638111 201 201
`;
const lock = (start: number, end = start, inode = 16638111) =>
  `9: OFDLCK ADVISORY  READ -1 fe:00:${inode} ${start} ${end}\n`;
const conflicts = (others: string) =>
  conflictingLocks(locksIn(all + others), locksIn(own)).map(({ start, end }) => [start, end]);

describe('locks on disk images', () => {
  it('are read from both of the places that the kernel tells of them', () => {
    assert.deepEqual(
      locksIn(all).map(({ inode, start, end }) => [inode, start, end]),
      locksIn(own).map(({ inode, start, end }) => [inode, start, end]),
    );
    assert.deepEqual(locksIn(own)[0]?.end, 101);
  });

  it('of the source itself are in nobody’s way', () => {
    assert.deepEqual(conflicts(''), []);
  });

  it('are in the way where they exclude what the source uses, or use what it excludes', () => {
    assert.deepEqual(conflicts(lock(201)), [[201, 201]], 'nobody else may write');
    assert.deepEqual(conflicts(lock(200, 204)), [[200, 204]]);
    assert.deepEqual(conflicts(lock(101)), [[101, 101]], 'it writes');
    assert.deepEqual(conflicts('9: OFDLCK ADVISORY  WRITE -1 fe:00:16638111 0 EOF\n'), [
      [0, Infinity],
    ]);
  });

  it('are not where both use what both share, nor on another file', () => {
    assert.deepEqual(conflicts(lock(100)), []);
    assert.deepEqual(conflicts(lock(204)), []);
    assert.deepEqual(conflicts(lock(201, 201, 5)), []);
  });
});
