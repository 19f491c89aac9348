/**
 * Puts in place what the demo, the tests and the benchmarks need on a fresh Debian 12: npm packages,
 * Debian packages, a second QEMU, guest images. What is there is left alone, so it costs little to
 * run it every time. It runs before node_modules exists: Node 20 and nothing else.
 *
 *   node scripts/setup.mjs demo|test|bench|all
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './setup/cache.mjs';
import { checkSystem, debianPackages } from './setup/debian.mjs';
import { linuxGuest } from './setup/linux.mjs';
import { npmPackages } from './setup/npm-packages.mjs';
import { trixiePackages, trixieQemu, trixieQemuWrapper } from './setup/qemu-10.mjs';
import { SetupError } from './setup/run.mjs';
import { isRoot } from './setup/step.mjs';
import { browserPackages, vscodeServer } from './setup/vscode.mjs';
import { walkerGuest } from './setup/walker.mjs';

/** @typedef {import('./setup/step.mjs').Step} Step */

const packages = [
  'qemu-system-x86',
  'qemu-utils',
  'debootstrap',
  'busybox-static',
  'cpio',
  'e2fsprogs',
];
const secondQemu = [trixieQemu, trixieQemuWrapper];

/** A host to log in to by SSH. */
const sshPackages = ['openssh-server', 'openssh-client', 'python3'];
/** The tests look at processes from outside, hold sockets as Node cannot, and log in by SSH. */
const testPackages = [
  ...[...packages, ...sshPackages, 'nasm', 'procps', 'passwd'],
  // What a host behind SSH may have, and be logged in to with.
  ...['sudo', 'socat', 'netcat-openbsd', 'csh'],
];
/**
 * libvirt 9.0 here and 11.3 beside the second QEMU, without the packages that would make them services
 * of this machine; and what test/libvirt uses in both.
 */
const libvirtPackages = [
  ...['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt-clients'],
  ...['iproute2', 'iputils-ping', 'python3-minimal', 'qemu-utils', 'e2fsprogs', 'procps'],
];

/** A QEMU that has a SPICE server; Debian 12's has it by itself. */
const spicePackages = ['qemu-system-modules-spice'];

const bench = [
  npmPackages,
  debianPackages([...testPackages, ...libvirtPackages]),
  ...secondQemu,
  trixiePackages([...libvirtPackages, ...sshPackages, ...spicePackages]),
  linuxGuest,
  walkerGuest,
];
const test = [...bench, debianPackages(browserPackages), vscodeServer];

/** @type {Readonly<Record<string, readonly Step[]>>} */
const targets = {
  demo: [npmPackages, debianPackages(packages), ...secondQemu, linuxGuest],
  test,
  bench,
  all: test,
};

/** flock's exit status for a lock that another holds: none that we end with. */
const lockedByAnother = 75;

const tell = (/** @type {string} */ text) => {
  process.stderr.write(`setup: ${text}\n`);
};

/**
 * Runs this script again under a lock on the cache folder, which goes away with its holder.
 * @param {string} target
 */
function takeLocked(target) {
  mkdirSync(cacheFolder, { recursive: true });
  const lock = join(cacheFolder, 'setup.lock');
  const script = [process.execPath, fileURLToPath(import.meta.url), target, '--locked'];
  const flock = (/** @type {string[]} */ ...options) => {
    const { status, error } = spawnSync('flock', [...options, lock, ...script], {
      stdio: 'inherit',
    });
    if (error) throw new SetupError(`flock (Debian's util-linux): ${error.message}`);
    return status ?? 1;
  };
  const status = flock('--nonblock', '--conflict-exit-code', String(lockedByAnother));
  if (status !== lockedByAnother) return status === 0 ? 0 : 1;
  tell('waiting for another set-up to end');
  return flock() === 0 ? 0 : 1;
}

/**
 * @param {readonly Step[]} steps
 * @param {string} target
 */
function take(steps, target) {
  /** @type {Step[]} */
  const leftToRoot = [];
  for (const step of steps) {
    if (step.isDone()) continue;
    if (step !== npmPackages) checkSystem();
    if (leftToRoot.length > 0 || (step.needsRoot() && !isRoot())) {
      leftToRoot.push(step);
      continue;
    }
    tell(step.what);
    step.take();
  }
  if (leftToRoot.length === 0) return;
  throw new SetupError(
    [
      'These are missing, and root has to put them there:',
      ...leftToRoot.map(({ what }) => `  - ${what}`),
      'As root:',
      `  SIDESTEP_CACHE='${cacheFolder}' '${process.execPath}' '${fileURLToPath(import.meta.url)}' ${target}`,
    ].join('\n'),
  );
}

function main() {
  const [target = 'all', locked] = process.argv.slice(2);
  const steps = Object.hasOwn(targets, target) ? targets[target] : undefined;
  if (steps === undefined) {
    tell(`no such target: ${target}; one of ${Object.keys(targets).join(', ')}`);
    return 2;
  }
  try {
    if (locked !== undefined) take(steps, target);
    else if (!steps.every((step) => step.isDone())) return takeLocked(target);
    return 0;
  } catch (error) {
    // No stack trace: what is wrong is on this machine, not in this script.
    tell(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

process.exitCode = main();
