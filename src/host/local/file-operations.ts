import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as fsp from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HostError } from '../errors';
import type { FileOperation, FileResult, FileStat } from '../files';
import { errnoOf, isAbsent, toHostError } from './system-error';

type Named<Name extends FileOperation['op']> = Extract<FileOperation, { op: Name }>;
type Performers = {
  readonly [Name in FileOperation['op']]: (
    operation: Named<Name>,
  ) => FileResult<Named<Name>> | Promise<FileResult<Named<Name>>>;
};

/**
 * What changes state is done by synchronous calls: it is small and goes to memory (tmpfs, or the
 * page cache), where a whole replaced file costs 20 µs; the same by way of the thread pool costs
 * 220 µs and more, and a migration writes its journal at every step. For the same reason what lies in
 * memory by custom is read so. What may wait for a user's disks, or free gigabytes of guest RAM, is
 * asynchronous.
 */
const performers: Performers = {
  read: ({ path }) => unlessAbsent(isReadNow(path) ? readNow(path) : fsp.readFile(path), undefined),
  readPart: (operation) => unlessAbsent(readPart(operation), undefined),
  readEach,
  write: replace,
  append,
  reserve: ({ path, bytes }) => {
    replace({ op: 'write', path, data: Buffer.alloc(bytes) });
    return undefined;
  },
  rename: ({ from, to }) => {
    fs.renameSync(from, to);
    return undefined;
  },
  remove,
  mkdir,
  list: async ({ path }) =>
    isInMemory(path) ? namesIn(path) : (await unlessAbsent(fsp.readdir(path), [])).sort(),
  stat: ({ path }) => unlessAbsent(stat(path), undefined),
  realpath: ({ path }) => unlessAbsent(fsp.realpath(path), undefined),
  freeSpace: async ({ path }) => {
    const { bavail, bsize } = await fsp.statfs(path);
    return bavail * bsize;
  },
};

const looks: ReadonlySet<FileOperation['op']> = new Set([
  ...(['read', 'readPart', 'readEach', 'list', 'stat', 'realpath', 'freeSpace'] as const),
]);

/** Whether it leaves the host as it is. */
export function isLook({ op }: FileOperation): boolean {
  return looks.has(op);
}

export async function performFileOperation(
  operation: FileOperation,
): Promise<FileResult<FileOperation>> {
  // Each performer takes the operation it is named after, which TypeScript cannot follow by key.
  const perform = performers[operation.op] as (
    operation: FileOperation,
  ) => FileResult<FileOperation> | Promise<FileResult<FileOperation>>;
  try {
    return await perform(operation);
  } catch (error) {
    throw fileError(error, operation);
  }
}

export function fileError(error: unknown, operation: FileOperation): HostError {
  return toHostError(error, describe(operation), subjectOf(operation));
}

function subjectOf(operation: FileOperation): string {
  return operation.op === 'rename' ? operation.from : operation.path;
}

function describe(operation: FileOperation): string {
  switch (operation.op) {
    case 'rename':
      return `rename ${operation.from} to ${operation.to}`;
    case 'readEach':
      return `read ${operation.name} in the folders of ${operation.path}`;
    case 'reserve':
      return `reserve ${operation.bytes} bytes at ${operation.path}`;
    case 'append':
      return `append to ${operation.path}`;
    case 'mkdir':
      return `make the folder ${operation.path}`;
    case 'stat':
    case 'realpath':
      return `look at ${operation.path}`;
    case 'freeSpace':
      return `tell the free space of ${operation.path}`;
    case 'readPart':
      return `read ${operation.path}`;
    case 'read':
    case 'write':
    case 'remove':
    case 'list':
      return `${operation.op} ${operation.path}`;
  }
}

async function unlessAbsent<T, Absent>(promise: Promise<T>, absent: Absent): Promise<T | Absent> {
  try {
    return await promise;
  } catch (error) {
    if (isAbsent(error)) return absent;
    throw error;
  }
}

/** The kernel's own files, and state folders: `/run/sidestep`, `/run/user/1000/sidestep`. */
function isInMemory(path: string): boolean {
  return /^\/(proc|dev\/shm|run(\/user\/\d+)?\/sidestep)\//.test(path);
}

/** To list all locks the kernel waits until each processor has been at rest (RCU): 10 ms. */
const isSlow = (path: string): boolean => path === '/proc/locks';

function isReadNow(path: string): boolean {
  return (
    !isSlow(path) &&
    isInMemory(path) &&
    (fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= smallBytes
  );
}

async function readPart({ path, offset, length }: Named<'readPart'>): Promise<Buffer> {
  const file = await fsp.open(path);
  try {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read({ buffer, position: offset });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** So many small files are read in less time than one takes by way of the thread pool. */
const fewFolders = 16;

async function readEach({ path, name }: Named<'readEach'>): Promise<Map<string, Buffer>> {
  const folders = namesIn(path);
  const read = folders.length <= fewFolders ? readNow : fsp.readFile;
  const contents = await Promise.all(
    folders.map((folder) => unlessAbsent(read(join(path, folder, name)), undefined)),
  );
  const found = new Map<string, Buffer>();
  folders.forEach((folder, index) => {
    const bytes = contents[index];
    if (bytes) found.set(folder, bytes);
  });
  return found;
}

function namesIn(path: string): string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- its errors are rejections
async function readNow(path: string): Promise<Buffer> {
  return fs.readFileSync(path);
}

/**
 * A new file beside the old one, renamed over it. No fsync: what is written must survive our own
 * death, for which the kernel's page cache is enough; in a power loss the VMs are gone as well.
 */
function replace({ path, data, mode = 0o600 }: Named<'write'>): undefined {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  writeTo(temporary, 'wx', data, mode);
  try {
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.unlinkSync(temporary);
    throw error;
  }
}

function append({ path, data, mode = 0o600 }: Named<'append'>): undefined {
  writeTo(path, 'a', data, mode);
}

function writeTo(path: string, flags: 'wx' | 'a', data: string | Uint8Array, mode: number): void {
  const fd = fs.openSync(path, flags, mode);
  try {
    // The umask took its bits off at creation; it has none to take off a private file.
    if (flags === 'wx' && mode !== 0o600) fs.fchmodSync(fd, mode);
    writeAll(fd, data);
  } catch (error) {
    if (flags === 'wx') fs.unlinkSync(path);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** One write(2), and more only where the file system takes it in parts. */
export function writeAll(fd: number, data: string | Uint8Array): void {
  let rest = typeof data === 'string' ? Buffer.from(data) : data;
  while (rest.length > 0) rest = rest.subarray(fs.writeSync(fd, rest));
}

async function remove({ path }: Named<'remove'>): Promise<undefined> {
  // With a slash at its end a link would be followed.
  const itself = path.replace(/(?<=.)\/+$/, '');
  if (isRemovedNow(itself)) return;
  try {
    await fsp.unlink(itself);
  } catch (error) {
    if (isAbsent(error)) return;
    if (errnoOf(error) !== 'EISDIR') throw error;
    await fsp.rm(itself, { recursive: true, force: true });
  }
}

/** So much is read or freed in no time, and so many entries are gone in less than one takes by the thread pool. */
const smallBytes = 1024 * 1024;
const fewEntries = 16;

/** Removes what is small, and all of our own is but guest RAM. What stands in the way is left to others. */
function isRemovedNow(path: string): boolean {
  try {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return true;
    if (!stat.isDirectory()) {
      if (stat.size > smallBytes) return false;
      fs.unlinkSync(path);
      return true;
    }
    const names = fs.readdirSync(path);
    if (names.length > fewEntries || !names.every((name) => isRemovedNow(join(path, name)))) {
      return false;
    }
    fs.rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function mkdir({ path, mode, exclusive = false, owner }: Named<'mkdir'>): undefined {
  try {
    makeFolder(path, mode ?? 0o700);
  } catch (error) {
    const exists = errnoOf(error) === 'EEXIST';
    if (!exists || exclusive || !fs.statSync(path).isDirectory()) throw error;
    if (mode !== undefined) fs.chmodSync(path, mode);
    return;
  }
  if (mode !== undefined) fs.chmodSync(path, mode);
  if (owner !== undefined) fs.chownSync(path, owner.uid, owner.gid);
}

function makeFolder(path: string, mode: number): void {
  try {
    fs.mkdirSync(path, { mode });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    fs.mkdirSync(dirname(path), { mode, recursive: true });
    fs.mkdirSync(path, { mode });
  }
}

async function stat(path: string): Promise<FileStat> {
  const found = await fsp.stat(path);
  return {
    kind: found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'directory'
        : found.isSocket()
          ? 'socket'
          : found.isBlockDevice()
            ? 'block-device'
            : 'other',
    size: found.size,
    mtimeMs: found.mtimeMs,
    device: found.dev,
    inode: found.ino,
    rdev: found.rdev,
    mode: found.mode & 0o7777,
    uid: found.uid,
    executable: found.isFile() && (found.mode & 0o111) !== 0 && (await mayExecute(path)),
  };
}

async function mayExecute(path: string): Promise<boolean> {
  try {
    await fsp.access(path, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
