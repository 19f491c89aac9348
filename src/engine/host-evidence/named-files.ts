/** What a host has of the files that a source's command line names, and what becomes of those it has open. */
import { HostError } from '../../host/errors';
import type { FileStat } from '../../host/files';
import type { Host } from '../../host/host';
import { CommandLine } from '../../qemu/commandline/commandline';
import { asUser } from '../domain/as-user';
import { pathsIn } from '../plan/path-places';
import type { NamedFile } from '../plan/plan';
import type { User } from '../state/records';
import { conflictingLocks, locksIn, type FileLock } from './image-locks';

interface Holder {
  readonly pid: number;
  readonly definition: readonly string[];
  /** By default ours. */
  readonly runAs: User | undefined;
}

/** By path; what could not be looked at is missing in it. */
export async function readNamedFiles(
  host: Host,
  { pid, definition, runAs }: Holder,
): Promise<ReadonlyMap<string, NamedFile>> {
  const paths = namedPaths(definition);
  if (paths.length === 0) return new Map();
  const [stats, open, closed] = await Promise.all([
    unlessForbidden(host.files(paths.map((path) => ({ op: 'stat', path }) as const))),
    unlessForbidden(readOpenFiles(host, pid)),
    findUnreadable(host, paths, runAs),
  ]);
  if (stats === undefined) return new Map();
  const files = await Promise.all(
    paths.map(async (path, index): Promise<readonly [string, NamedFile]> => {
      const stat = stats[index];
      const isThere = stat !== undefined;
      return [
        path,
        {
          isThere,
          isReadable: !isThere || !closed.has(path),
          isOpen: open && (stat === undefined ? false : open.files.has(keyOf(stat))),
          lockedBy: stat && open && (await lockHolder(host, stat, open.locks)),
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
  /** Device and inode of each. */
  readonly files: ReadonlySet<string>;
  /** Locks of other processes that keep ours, or one that would have the same, from a file. */
  readonly locks: readonly FileLock[];
}

/** All that a process has open, whatever it is called by now. */
async function readOpenFiles(host: Host, pid: number): Promise<OpenFiles> {
  const [descriptors] = await host.files([{ op: 'list', path: `/proc/${pid}/fd` }]);
  const [all, ...facts] = await host.files([
    { op: 'read', path: '/proc/locks' },
    ...descriptors.map((fd) => ({ op: 'stat', path: `/proc/${pid}/fd/${fd}` }) as const),
    ...descriptors.map((fd) => ({ op: 'read', path: `/proc/${pid}/fdinfo/${fd}` }) as const),
  ]);
  const stats = facts.slice(0, descriptors.length) as (FileStat | undefined)[];
  const own = facts.slice(descriptors.length) as (Buffer | undefined)[];
  return {
    files: new Set(stats.flatMap((stat) => (stat === undefined ? [] : keyOf(stat)))),
    locks: conflictingLocks(
      locksIn((all ?? '').toString()),
      own.flatMap((info) => locksIn((info ?? '').toString())),
    ),
  };
}

function keyOf({ device, inode }: FileStat): string {
  return `${device} ${inode}`;
}

/** Who holds a lock on this file that is in the way: `qemu-nbd (pid 4711)`. */
async function lockHolder(
  host: Host,
  { inode }: FileStat,
  locks: readonly FileLock[],
): Promise<string | undefined> {
  const lock = locks.find((each) => each.inode === inode);
  if (lock === undefined) return undefined;
  // The kernel names no process for the locks that QEMU takes, but shows them with each descriptor.
  const script = 'cd /proc; grep -l "$1" [0-9]*/fdinfo/* 2>/dev/null | cut -d/ -f1 | sort -u';
  const { stdout } = await host.run(['sh', '-c', script, 'sh', lock.pattern]);
  const [pid] = stdout.toString().split('\n');
  if (pid === undefined || pid === '') return 'another process';
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
