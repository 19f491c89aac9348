/** What a host has of the files that a source's command line names, and what becomes of those it has open. */
import { HostError } from '../../host/errors';
import type { FileStat } from '../../host/files';
import type { Host } from '../../host/host';
import { CommandLine } from '../../qemu/commandline/commandline';
import { asUser } from '../domain/as-user';
import { disksToGive } from '../domain/give-disks';
import { pathsIn } from '../plan/path-places';
import type { NamedFile } from '../plan/plan';
import type { DomainToMove, User } from '../state/records';
import { conflictingLocks, locksIn, type FileLock } from './image-locks';

/**
 * By path; what could not be looked at is missing in it.
 * @param pid of the domain's source
 */
export async function readNamedFiles(
  host: Host,
  pid: number,
  domain: DomainToMove,
): Promise<ReadonlyMap<string, NamedFile>> {
  const paths = namedPaths(domain.definition);
  if (paths.length === 0) return new Map();
  const [stats, open, closed] = await Promise.all([
    unlessForbidden(host.files(paths.map((path) => ({ op: 'stat', path }) as const))),
    unlessForbidden(readOpenFiles(host, pid)),
    findUnreadable(host, paths, domain.runAs),
  ]);
  if (stats === undefined) return new Map();
  const given = disksToGive(host, domain);
  const files = await Promise.all(
    paths.map(async (path, index): Promise<readonly [string, NamedFile]> => {
      const stat = stats[index];
      const isThere = stat !== undefined;
      return [
        path,
        {
          isThere,
          isReadable: !isThere || !closed.has(path) || given.has(path),
          isOpen:
            open &&
            stat !== undefined &&
            (open.inodes.has(stat.inode) || (await isItsDevice(host, pid, path, stat))),
          lockedBy: stat && open && (await lockHolder(host, pid, stat, open.locks)),
        },
      ];
    }),
  );
  return new Map(files);
}

function namedPaths(definition: readonly string[]): string[] {
  const named = CommandLine.parse(definition).options.flatMap((option) => pathsIn(option));
  return [...new Set(named.filter((path) => path.startsWith('/')))];
}

interface OpenFiles {
  readonly inodes: ReadonlySet<number>;
  /** Locks of other processes that keep ours, or one that would have the same, from a file. */
  readonly locks: readonly FileLock[];
}

/**
 * How often in a row a lock must be found to be in the way. The kernel tells of all locks a page at a time
 * (fs/locks.c, `locks_start`): when another one is taken between two pages, it may tell of a lock twice,
 * and the source's own look like another's.
 */
const looks = 3;

async function readOpenFiles(host: Host, pid: number): Promise<OpenFiles | undefined> {
  let open = await lookAtOpenFiles(host, pid);
  for (let look = 1; look < looks && open !== undefined && open.locks.length > 0; look++) {
    const before = new Set(open.locks.map(({ text }) => text));
    const now = await lookAtOpenFiles(host, pid);
    open = now && { ...now, locks: now.locks.filter(({ text }) => before.has(text)) };
  }
  return open;
}

/**
 * All that a process has open, whatever it is called by now. Of each descriptor the kernel's own text
 * is read (its inode stands there since Linux 5.14): to look at the file itself might wait for a
 * server that is gone.
 */
async function lookAtOpenFiles(host: Host, pid: number): Promise<OpenFiles | undefined> {
  const folder = `/proc/${pid}/fdinfo`;
  const [descriptors] = await host.files([{ op: 'list', path: folder }]);
  const [all = '', ...own] = (
    await host.files(
      ['/proc/locks', ...descriptors.map((fd) => `${folder}/${fd}`)].map(
        (path) => ({ op: 'read', path }) as const,
      ),
    )
  ).map((text) => (text ?? '').toString());
  const inodes = own.flatMap((text) => /^ino:\t(\d+)$/m.exec(text)?.[1] ?? []).map(Number);
  if (inodes.length === 0) return undefined;
  return {
    inodes: new Set(inodes),
    locks: conflictingLocks(locksIn(all), own.flatMap(locksIn)),
  };
}

/**
 * Whether the source has this block device by a node of its own: libvirt makes a /dev for each QEMU
 * (`namespaces` in qemu.conf).
 */
async function isItsDevice(
  host: Host,
  pid: number,
  path: string,
  { kind, rdev }: FileStat,
): Promise<boolean> {
  if (kind !== 'block-device') return false;
  const [own] = await host.files([{ op: 'stat', path: `/proc/${pid}/root${path}` }]);
  return own?.kind === kind && own.rdev === rdev;
}

/** Who, other than the source, holds a lock on this file that is in the way: `qemu-nbd (pid 4711)`. */
async function lockHolder(
  host: Host,
  source: number,
  { inode }: FileStat,
  locks: readonly FileLock[],
): Promise<string | undefined> {
  const lock = locks.find((each) => each.inode === inode);
  if (lock === undefined) return undefined;
  // The kernel names no process for the locks that QEMU takes, but shows them with each descriptor.
  const script = 'cd /proc; grep -l "$1" [0-9]*/fdinfo/* 2>/dev/null | cut -d/ -f1 | sort -u';
  const { stdout } = await host.run(['sh', '-c', script, 'sh', lock.pattern]);
  const pid = stdout
    .toString()
    .split('\n')
    .find((each) => each !== '' && Number(each) !== source);
  if (pid === undefined) return 'another process';
  const [name] = await host.files([{ op: 'read', path: `/proc/${pid}/comm` }]);
  return `${(name ?? '').toString().trim()} (pid ${pid})`;
}

/** Those there that the user whom QEMU runs as may not read; root may read all. */
async function findUnreadable(
  host: Host,
  paths: readonly string[],
  runAs: User | undefined,
): Promise<ReadonlySet<string>> {
  if ((runAs?.uid ?? host.facts.uid) === 0) return new Set();
  const script = 'for path; do [ -r "$path" ] || printf "%s\\0" "$path"; done';
  const { stdout } = await host.run(asUser(runAs, ['sh', '-c', script, 'sh', ...paths]));
  return new Set(stdout.toString().split('\0').slice(0, -1));
}

/** What is not ours to see is not known. */
async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HostError && error.code === 'PERMISSION_DENIED') return undefined;
    throw error;
  }
}
