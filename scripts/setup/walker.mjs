/** The boot-sector guest (test/guests/walker.asm). */
import { existsSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { repository, walkerImages } from './cache.mjs';
import { run } from './run.mjs';
import { canMake, makeFolder } from './step.mjs';

/** SeaBIOS boots no hard disk of less than a cylinder (504 KiB). */
const diskBytes = 1024 * 1024;

/** @type {import('./step.mjs').Step} */
export const walkerGuest = {
  what: `the boot-sector guest in ${walkerImages.folder}`,
  isDone: () => existsSync(walkerImages.folder),
  needsRoot: () => !canMake(walkerImages.folder),
  take() {
    makeFolder(walkerImages.folder, (folder) => {
      const disk = join(folder, basename(walkerImages.disk));
      run('nasm', ['-Wall', '-Werror', '-f', 'bin', '-o', disk, 'test/guests/walker.asm'], {
        cwd: repository,
      });
      truncateSync(disk, diskBytes);
    });
  },
};
