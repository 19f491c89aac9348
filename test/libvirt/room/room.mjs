/**
 * Rooms: namespaces with a root folder, a network and processes of their own, in which a private libvirt
 * runs. Nothing that happens in a room reaches the machine's own libvirt, and all of it ends with the
 * room. Root only.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder, qemu72, repository, trixieRoot } from '../../../scripts/setup/cache.mjs';
import { emulatorWrapper } from '../../../scripts/setup/qemu-10.mjs';

/**
 * @typedef {object} Room
 * @property {string} title
 * @property {string} root the folder of its Debian
 * @property {string} other the folder of the other Debian, whose QEMU it has as well
 * @property {string} qemu72 where the emulators are in the room
 * @property {string} qemu100
 */

/** @type {Readonly<Record<'bookworm' | 'trixie', Room>>} */
export const rooms = {
  bookworm: {
    title: 'libvirt 9.0',
    root: '/',
    other: trixieRoot,
    qemu72,
    qemu100: '/opt/qemu-10.0/qemu-system-x86_64',
  },
  trixie: {
    title: 'libvirt 11.3',
    root: trixieRoot,
    other: '/',
    qemu72: '/opt/qemu-7.2/qemu-system-x86_64',
    qemu100: '/usr/bin/qemu-system-x86_64',
  },
};

/** What a room keeps of our environment, beside SIDESTEP_... */
const keptNames = ['HOME', 'LANG', 'LC_ALL', 'TERM', 'TZ', 'NO_COLOR', 'FORCE_COLOR', 'CI'];

/**
 * Runs a command in a room of its own, in the repository.
 * @param {keyof typeof rooms} name
 * @param {readonly string[]} command
 * @param {{ shared?: readonly string[] }} [options] `shared`: folders that the room has in common with
 *   the machine, beside the repository
 * @returns {Promise<number>} its exit status
 */
export async function runInRoom(name, command, { shared = [] } = {}) {
  if (process.getuid?.() !== 0) throw new Error('Only root can make a room for libvirt');
  const { root, other, qemu72, qemu100 } = rooms[name];
  const { execPath: node } = process;
  const mountPoint = mkdtempSync(join(tmpdir(), 'sidestep-room-'));
  try {
    const child = spawn(
      'setpriv',
      [
        // However we end, the room does.
        ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--fork'],
        ...['--kill-child=KILL', join(import.meta.dirname, 'make.sh'), mountPoint],
        ...[join(import.meta.dirname, 'serve.sh'), 'env', '--chdir', repository, ...command],
      ],
      {
        cwd: '/',
        stdio: 'inherit',
        env: {
          ...keptEnvironment(),
          PATH: `${dirname(node)}:/usr/sbin:/usr/bin:/sbin:/bin`,
          SIDESTEP_CACHE: cacheFolder,
          SIDESTEP_ROOM: name,
          SIDESTEP_QEMU72: qemu72,
          SIDESTEP_QEMU100: qemu100,
          ROOM_ROOT: root,
          ROOM_OTHER: other,
          ROOM_OTHER_EMULATOR: other === trixieRoot ? qemu100 : qemu72,
          ROOM_OTHER_WRAPPER: emulatorWrapper('/other'),
          ROOM_SHARED: [...repositoryFolders(), ...shared].join('\n'),
          ROOM_READ_ONLY: [cacheFolder, node].join('\n'),
        },
      },
    );
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (status) => {
        resolve(status ?? 1);
      });
    });
  } finally {
    // Whatever was mounted there went with the room.
    rmdirSync(mountPoint);
  }
}

function keptEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => keptNames.includes(name) || name.startsWith('SIDESTEP_'),
    ),
  );
}

/** A work tree of git's may have its packages from elsewhere. */
function repositoryFolders() {
  const packages = join(repository, 'node_modules');
  const resolved = existsSync(packages) ? realpathSync(packages) : packages;
  return resolved === packages ? [repository] : [repository, resolved];
}
