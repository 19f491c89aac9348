import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { HostError, type HostErrorCode } from '../errors';

const codes: Readonly<Record<string, HostErrorCode>> = {
  ENOENT: 'NO_SUCH_FILE',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
  EROFS: 'PERMISSION_DENIED',
  EEXIST: 'EXISTS',
  ENOTEMPTY: 'EXISTS',
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  ENOEXEC: 'NOT_A_PROGRAM',
  ECONNREFUSED: 'NOT_LISTENING',
  // A unix listener whose queue is full: QEMU's monitors queue one client.
  EAGAIN: 'NOT_LISTENING',
};

/** libuv has no name for EDQUOT. */
function isQuota(error: object): boolean {
  return 'errno' in error && error.errno === -constants.errno.EDQUOT;
}

/** The errno name of a failed system call: `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isQuota(error)) return 'EDQUOT';
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a system call failed because nothing is at its path. */
export function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** The system's own words: "permission denied". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isQuota(error)) return 'disk quota exceeded';
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  return known?.[1] ?? error.message;
}

/** @param doing the verb and its object: `write /run/x` */
export function toHostError(error: unknown, doing: string, subject: string): HostError {
  if (error instanceof HostError) return error;
  const code = codes[errnoOf(error) ?? ''] ?? 'IO';
  return new HostError(code, `Cannot ${doing}: ${reasonOf(error)}.`, subject, { cause: error });
}
