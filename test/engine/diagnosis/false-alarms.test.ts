/** What looks like a cause of a failure, and is none: nothing is refused. */
import assert from 'node:assert/strict';
import { copyFile, rm, symlink } from 'node:fs/promises';
import { qemu100 } from '../../support/emulators';
import { walkerImage } from '../../support/guests';
import { EngineBench } from '../../support/workbench';

describe('no alarm', () => {
  const bench = EngineBench.forEachTest();

  it('for an image that two domains read', async () => {
    await copyFile(walkerImage, bench.path('base.img'));
    const shared = [
      '-blockdev',
      `driver=file,filename=${bench.path('base.img')},node-name=base,read-only=on`,
      ...['-device', 'virtio-blk-pci,drive=base'],
    ];
    const walker = await bench.walker({ arguments: shared });
    await bench.walker({ arguments: shared });
    const { error } = await walker.migrate({ emulator: qemu100 });
    assert.equal(error, undefined);
  });

  it('for a CD that was taken out, nor for one that nobody may write to', async () => {
    await copyFile(walkerImage, bench.path('cd.iso'));
    const walker = await bench.walker({
      arguments: ['-drive', `if=ide,media=cdrom,id=cd,file=${bench.path('cd.iso')}`],
    });
    await bench.qmp(await walker.instance(), (client) => client.execute('eject', { device: 'cd' }));
    const { blockers } = await bench.engine.plan({ domain: walker.uuid, mode: 'auto' });
    assert.deepEqual(blockers, []);
  });

  it('for a disk by another of its names', async () => {
    const path = bench.path('link.img');
    await copyFile(walkerImage, bench.path('real.img'));
    await symlink('real.img', path);
    const walker = await bench.walker({
      arguments: ['-drive', `if=virtio,file=${path},format=raw`],
    });
    const { error } = await walker.migrate({ mode: 'precopy' });
    assert.equal(error, undefined);
    await rm(path);
  });
});
