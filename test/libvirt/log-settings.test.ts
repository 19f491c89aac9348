import assert from 'node:assert/strict';
import {
  typedFilters,
  withFiles,
  withoutFiles,
  type LogSettings,
} from '../../src/libvirt/log-settings';

const own = '1:file:/var/log/libvirt/sidestep-1.log';
const files = ['/var/log/libvirt/sidestep-1.log'];
const usual: LogSettings = { outputs: '3:file:/var/log/libvirt/libvirtd.log', filters: '' };

describe("a daemon's log settings", () => {
  const some: readonly LogSettings[] = [
    usual,
    { outputs: '2:syslog:libvirtd 3:stderr', filters: '1:**util.object** 3:*conf*' },
    // What we add is there already, by the user's own wish.
    { ...usual, filters: withFiles(usual, files).filters },
  ];
  for (const before of some) {
    it(`are had back: ${JSON.stringify(before)}`, () => {
      const with1 = withFiles(before, files);
      assert.ok(with1.outputs.endsWith(` ${own}`));
      assert.ok(with1.filters.startsWith('1:*qemu.qemu_monitor* '));
      assert.deepEqual(withoutFiles(with1, before, files), before);
      // Noted, and not yet set.
      assert.deepEqual(withoutFiles(before, before, files), before);
      // Set in part only.
      const half = { ...before, outputs: with1.outputs };
      assert.deepEqual(withoutFiles(half, before, files).outputs, before.outputs);
    });
  }

  it('keep what others have changed meanwhile', () => {
    const { outputs, filters } = withFiles(usual, files);
    const now = { outputs: `3:stderr ${outputs} 3:journald`, filters: `${filters} 3:*x*` };
    assert.deepEqual(withoutFiles(now, usual, files), {
      outputs: `3:stderr ${usual.outputs} 3:journald`,
      filters: '3:*x*',
    });
    assert.deepEqual(withoutFiles({ outputs, filters: '3:*x*' }, usual, files), {
      ...usual,
      filters: '3:*x*',
    });
  });

  it('are set by filters without the stars that the daemon adds', () => {
    const typed = (filters: string) => typedFilters({ ...usual, filters });
    assert.equal(
      typed('1:*qemu.qemu_monitor* 3:**util.object**'),
      '1:qemu.qemu_monitor 3:*util.object*',
    );
    assert.equal(typed(''), '');
  });
});
