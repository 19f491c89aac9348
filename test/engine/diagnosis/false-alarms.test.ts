/** What looks like a cause of a failure, and is none: nothing is refused. */
import assert from 'node:assert/strict';
import { copyFile, rm, symlink } from 'node:fs/promises';
import type { Host } from '../../../src/host/host';
import { openLocalHost } from '../../../src/host/local';
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

describe('no alarm for locks', () => {
  const bench = EngineBench.forEachTest(() => Promise.resolve(tellingTwice(openLocalHost())));

  it('that the kernel tells of twice', async () => {
    const walker = await bench.walker();
    const { blockers } = await bench.engine.plan({ domain: walker.uuid, mode: 'auto' });
    assert.deepEqual(blockers, []);
  });
});

/** A host that tells of each lock twice every other time that it is asked. */
function tellingTwice(host: Host): Host {
  let asked = 0;
  return new Proxy(host, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name !== 'files')
        return (...args: unknown[]): unknown => Reflect.apply(member, target, args);
      return async (...[operations]: Parameters<Host['files']>): Promise<unknown> => {
        const results: readonly unknown[] = await target.files(operations);
        return results.map((result, index) => {
          const operation = operations[index];
          if (operation?.op !== 'read' || operation.path !== '/proc/locks') return result;
          assert.ok(result instanceof Buffer);
          return asked++ % 2 === 0 ? Buffer.concat([result, result]) : result;
        });
      };
    },
  });
}
