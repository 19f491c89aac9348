/** Files of the source that a second QEMU cannot have. */
import { chmod, chown, copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { walkerImage } from '../../../support/guests';
import { lockImage } from '../../../support/image-lock';
import { after } from './target';
import type { Cause, Scene } from '../cause';

/** SeaBIOS, as a flash chip has it. */
const firmware = '/usr/share/seabios/bios-256k.bin';

const image = ({ path }: Scene) => path('walker-1.img');

/** A second disk that nobody writes to, so that the guest does not miss it. */
const withDisk = (path: Scene['path']) => ({
  arguments: [
    ...['-blockdev', `driver=file,filename=${path('data.img')},node-name=data`],
    ...['-device', 'virtio-blk-pci,drive=data'],
  ],
});

export const files: readonly Cause[] = [
  {
    cause: 'a disk image that is gone',
    code: 'DISK_MISSING',
    names: /disk image \S+\/data\.img \(-blockdev\) is gone/,
    before: true,
    guest: withDisk,
    prepare: (path) => copyFile(walkerImage, path('data.img')),
    migrate: async ({ walker, path }) => {
      await rm(path('data.img'));
      return walker.migrate();
    },
  },
  {
    cause: 'another file where the disk image was',
    code: 'DISK_REPLACED',
    names: /walker-1\.img \(-drive\) is not the one that the source has open/,
    before: true,
    migrate: async (scene) => {
      await rename(image(scene), scene.path('moved.img'));
      await copyFile(scene.path('moved.img'), image(scene));
      return scene.walker.migrate();
    },
  },
  {
    cause: 'a disk image that another process has locked',
    code: 'DISK_LOCKED',
    names: /walker-1\.img \(-drive\) is locked by python3?\S* \(pid \d+\)/,
    before: true,
    migrate: async (scene) => {
      const lock = await lockImage(image(scene));
      return scene.walker.migrate().finally(() => lock.release());
    },
  },
  {
    cause: "a disk image that the target's user may not read",
    code: 'DISK_UNREADABLE',
    names: /may not read the disk image \S+walker-1\.img/,
    before: true,
    guest: { ram: 'memfd' },
    migrate: async (scene) => {
      const { bench, walker } = scene;
      await chmod(image(scene), 0o600);
      // As libvirt's domains are: their QEMU is another user's.
      const { domain } = walker;
      const runAs = { uid: 65534, gid: 65534, groups: [] };
      await bench.host.files([bench.engine.state.writeDomain({ ...domain, runAs })]);
      return walker
        .migrate()
        .finally(() => bench.host.files([bench.engine.state.writeDomain(domain)]));
    },
  },
  {
    cause: 'a disk image that is gone when the target opens it',
    code: 'DISK_MISSING',
    names: /The target \(instance 2\) cannot open the disk image \S+walker-1\.img: No such file/,
    migrate: async (scene) =>
      scene.walker.migrate({
        options: {
          beforeStep: async (_, step) => {
            if (step === 'start-target') await rename(image(scene), scene.path('moved.img'));
          },
        },
      }),
  },
  {
    cause: "a disk image that the target's user may not open",
    code: 'DISK_UNREADABLE',
    names: /cannot open the disk image \S+data\.img: Permission denied/,
    guest: withDisk,
    prepare: async (path) => {
      await copyFile(walkerImage, path('data.img'));
      await chown(path('data.img'), 65534, 65534);
      await chmod(path('data.img'), 0o600);
    },
    // Root that may not go beyond what the modes of files let it.
    migrate: after(
      `exec setpriv --bounding-set=-dac_override,-dac_read_search -- "$emulator" "$@"`,
    ),
  },
  {
    cause: "the NVRAM's file is gone",
    code: 'NVRAM_MISSING',
    names: /firmware \S+\/vars\.fd \(-drive\) is gone/,
    before: true,
    guest: (path) => ({
      arguments: [
        ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${firmware}`],
        ...['-drive', `if=pflash,unit=1,format=raw,file=${path('vars.fd')}`],
      ],
    }),
    prepare: (path) => writeFile(path('vars.fd'), Buffer.alloc(256 * 1024)),
    migrate: async ({ walker, path }) => {
      await rm(path('vars.fd'));
      return walker.migrate();
    },
  },
];
