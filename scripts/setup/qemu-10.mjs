/**
 * QEMU 10.0 beside Debian 12's own QEMU 7.2: Debian 13's package, in a small Debian 13 of its own,
 * run from outside with that system's loader and libraries.
 */
import {
  chmodSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { qemu100, trixieRoot } from './cache.mjs';
import { missingPackages } from './debian.mjs';
import { machineMirror } from './mirror.mjs';
import { run } from './run.mjs';
import { isRoot, makeFolder } from './step.mjs';

/** @type {import('./step.mjs').Step} */
export const trixieQemu = {
  what: `QEMU 10.0 (Debian trixie's) in ${trixieRoot}`,
  isDone: () => existsSync(join(trixieRoot, 'usr/bin/qemu-system-x86_64')),
  needsRoot: () => !isRoot(),
  take() {
    makeFolder(trixieRoot, (root) => {
      run('debootstrap', ['--variant=minbase', 'trixie', root, machineMirror()]);
      // No service is to start on this machine's behalf.
      const policy = join(root, 'usr/sbin/policy-rc.d');
      writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
      // Not by debootstrap's --include: it fails on systemd's configuration.
      install(root, ['qemu-system-x86']);
    });
  },
};

/**
 * More packages in that Debian 13.
 * @param {readonly string[]} packages
 * @returns {import('./step.mjs').Step}
 */
export const trixiePackages = (packages) => ({
  get what() {
    return `Debian packages ${missingPackages(packages, trixieRoot).join(' ')} in ${trixieRoot}`;
  },
  isDone: () => missingPackages(packages, trixieRoot).length === 0,
  needsRoot: () => !isRoot(),
  take() {
    // What an interrupted installation has left.
    inRoot(trixieRoot, 'dpkg', ['--configure', '-a']);
    inRoot(trixieRoot, 'apt-get', ['-qq', 'update']);
    install(trixieRoot, missingPackages(packages, trixieRoot));
  },
});

/**
 * @param {string} root
 * @param {readonly string[]} packages
 */
function install(root, packages) {
  inRoot(root, 'apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', ...packages]);
  inRoot(root, 'apt-get', ['clean']);
  for (const used of ['var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'])
    rmSync(join(root, used), { recursive: true, force: true });
}

/**
 * @param {string} root
 * @param {string} program
 * @param {readonly string[]} args
 */
function inRoot(root, program, args) {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  run('chroot', [root, 'env', `PATH=${path}`, 'LC_ALL=C.UTF-8', program, ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** A script that runs the QEMU of the Debian in a root folder. */
export const emulatorWrapper = (/** @type {string} */ root) => `#!/bin/sh
D=${shellQuote(root)}
L=$D/usr/lib/x86_64-linux-gnu
export QEMU_MODULE_DIR="$L/qemu"
exec "$L/ld-linux-x86-64.so.2" --argv0 "$0" --library-path "$L" "$D/usr/bin/qemu-system-x86_64" -L "$D/usr/share/qemu" -L "$D/usr/share/seabios" "$@"
`;

const wrapper = emulatorWrapper(trixieRoot);

/**
 * QEMU looks for its files below a folder of this name beside its program, which is the loader here,
 * and without it at their place in the system: it would then find the modules of the host's QEMU, and
 * complain of each at every start.
 */
const bundle = join(trixieRoot, 'usr/lib/x86_64-linux-gnu/qemu-bundle');

/** @type {import('./step.mjs').Step} */
export const trixieQemuWrapper = {
  what: `its wrapper ${qemu100}`,
  isDone: () =>
    existsSync(bundle) && existsSync(qemu100) && readFileSync(qemu100, 'utf8') === wrapper,
  needsRoot: () => !isRoot(),
  take() {
    if (!existsSync(bundle)) symlinkSync('../../..', bundle);
    const partial = `${qemu100}.partial`;
    writeFileSync(partial, wrapper);
    chmodSync(partial, 0o755);
    renameSync(partial, qemu100);
  },
};

function shellQuote(/** @type {string} */ text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
