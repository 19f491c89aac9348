/** The Linux guest: Debian's cloud kernel, an initramfs of busybox and test/guests/linux/init, a disk. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { linuxImages, repository } from './cache.mjs';
import { aptGet, updatePackageLists } from './debian.mjs';
import { run, SetupError } from './run.mjs';
import { canMake, makeFolder } from './step.mjs';

/** The kernel has ext4 and the serial console built in. */
const modules = ['virtio_pci', 'virtio_blk', 'virtio_net'];

/** @type {import('./step.mjs').Step} */
export const linuxGuest = {
  what: `the Linux guest in ${linuxImages.folder}`,
  isDone: () => existsSync(linuxImages.folder),
  needsRoot: () => !canMake(linuxImages.folder),
  take() {
    const work = mkdtempSync(join(tmpdir(), 'sidestep-guest-'));
    try {
      const kernel = unpackKernel(work);
      makeFolder(linuxImages.folder, (folder) => {
        copyFileSync(kernel.image, join(folder, basename(linuxImages.kernel)));
        makeInitrd(kernel.modules, work, join(folder, basename(linuxImages.initrd)));
        makeDisk(work, join(folder, basename(linuxImages.disk)));
      });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};

/** Debian's kernel for virtual machines, not installed, only unpacked: its image and its modules by name. */
function unpackKernel(/** @type {string} */ work) {
  updatePackageLists();
  const depends = run('apt-cache', ['depends', 'linux-image-cloud-amd64']);
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined)
    throw new SetupError("apt knows no package linux-image-cloud-amd64: are Debian's sources set?");
  aptGet(['download', name], { cwd: work });
  const root = join(work, 'kernel');
  run('dpkg-deb', ['--extract', only(work, /\.deb$/), root]);
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ko'))
    .map((path) => /** @type {const} */ ([moduleName(path), join(root, path)]));
  return { image: only(join(root, 'boot'), /^vmlinuz-/), modules: new Map(found) };
}

function moduleName(/** @type {string} */ path) {
  return basename(path, '.ko').replaceAll('-', '_');
}

/**
 * The one file in a folder that has such a name.
 * @param {string} folder
 * @param {RegExp} name
 */
function only(folder, name) {
  const [found, another] = readdirSync(folder).filter((entry) => name.test(entry));
  if (found === undefined || another !== undefined)
    throw new SetupError(
      `${folder}: expected one file ${name}, found ${found ?? 'none'} ${another ?? ''}`,
    );
  return join(folder, found);
}

/**
 * Files of the modules wanted, each behind those it needs.
 * @param {ReadonlyMap<string, string>} files
 */
function inLoadOrder(files) {
  /** @type {Set<string>} */
  const order = new Set();
  const add = (/** @type {string} */ name) => {
    const file = files.get(name);
    if (file === undefined) throw new SetupError(`the kernel package has no module ${name}`);
    // The section .modinfo: `depends=virtio,virtio_ring`, ended by a zero.
    const depends = /\0depends=([^\0]*)\0/.exec(readFileSync(file, 'latin1'))?.[1] ?? '';
    for (const needed of depends.split(',')) if (needed !== '') add(needed.replaceAll('-', '_'));
    order.add(file);
  };
  modules.forEach(add);
  return [...order];
}

/**
 * @param {ReadonlyMap<string, string>} moduleFiles
 * @param {string} work
 * @param {string} initrd
 */
function makeInitrd(moduleFiles, work, initrd) {
  const root = join(work, 'initramfs');
  for (const folder of ['bin', 'dev', 'disk', 'modules', 'proc', 'sys', 'www'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  copyFileSync(join(repository, 'test/guests/linux/init'), join(root, 'init'));
  const ordered = inLoadOrder(moduleFiles);
  for (const file of ordered) copyFileSync(file, join(root, 'modules', basename(file)));
  writeFileSync(join(root, 'modules/order'), ordered.map((file) => `${basename(file)}\n`).join(''));
  const pack = 'find . | cpio --quiet --create --format=newc --owner=0:0 | gzip -1 > "$0"';
  run('sh', ['-c', pack, initrd], { cwd: root });
}

/**
 * @param {string} work
 * @param {string} disk
 */
function makeDisk(work, disk) {
  const raw = join(work, 'disk.raw');
  run('mke2fs', ['-q', '-t', 'ext4', raw, '64M']);
  run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, disk]);
}
