import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError } from './run.mjs';
import { isRoot } from './step.mjs';

/** Throws unless this is the system that the test set-up is made for. */
export function checkSystem() {
  /** @type {Record<string, string>} */
  const release = {};
  try {
    for (const [, key = '', value = ''] of readFileSync('/etc/os-release', 'utf8').matchAll(
      /^(\w+)="?(.*?)"?$/gm,
    ))
      release[key] = value;
  } catch {
    // No such file: not Debian either.
  }
  const isDebian12 = release['ID'] === 'debian' && release['VERSION_ID'] === '12';
  if (isDebian12 && process.arch === 'x64') return;
  const system = release['PRETTY_NAME'] ?? process.platform;
  throw new SetupError(
    [
      `The set-up is made for Debian 12 (bookworm) on amd64; this is ${system} on ${process.arch}.`,
      'It takes QEMU 7.2, Debian packages and a Debian 13 for QEMU 10.0 from Debian.',
      'Run it in a Debian 12 VM or container, as root.',
      "Sidestep itself needs none of this: `npm ci && npm run build`, then dist/cli.js with your own QEMU's.",
    ].join('\n'),
  );
}

/**
 * Those that are not installed.
 * @param {readonly string[]} packages
 * @param {string} [root] the root folder of the system looked at
 */
export function missingPackages(packages, root = '/') {
  const { stdout } = spawnSync(
    'dpkg-query',
    [
      `--admindir=${join(root, 'var/lib/dpkg')}`,
      ...['--show', '--showformat=${db:Status-Status} ${Package}\\n', ...packages],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const lines = new Set((stdout ?? '').split('\n'));
  return packages.filter((name) => !lines.has(`installed ${name}`));
}

/**
 * One repository of several that cannot be reached must not stop what needs only the others: what is
 * really missing, the command after this one will say.
 */
export function updatePackageLists() {
  try {
    aptGet(['update']);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
  }
}

/**
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 */
export function aptGet(args, options) {
  return run('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    ...options,
    env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
}

/**
 * @param {readonly string[]} packages
 * @returns {import('./step.mjs').Step}
 */
export const debianPackages = (packages) => ({
  get what() {
    return `Debian packages ${missingPackages(packages).join(' ')}`;
  },
  isDone: () => missingPackages(packages).length === 0,
  needsRoot: () => !isRoot(),
  take() {
    updatePackageLists();
    aptGet(['install', '--yes', '--no-install-recommends', ...missingPackages(packages)]);
  },
});
