/** The command's exit statuses (docs/command-line.md). */
import { SidestepError } from '../engine/errors';
import type { Outcome } from '../engine/trace/record';
import { UsageError } from './usage-error';

export const exitStatus = {
  done: 0,
  /** The command failed; a VM that was to be moved runs on at the source. */
  failed: 1,
  usage: 2,
  /** Nothing was started. */
  refused: 3,
  /** A migration's state needs recovery. */
  recovery: 4,
} as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

const byOutcome: Readonly<Record<Outcome, ExitStatus>> = {
  moved: exitStatus.done,
  stayed: exitStatus.failed,
  refused: exitStatus.refused,
  lost: exitStatus.recovery,
  undecided: exitStatus.recovery,
};

/** Errors that come before anything was started or changed. */
const refusals: ReadonlySet<string> = new Set([
  // The command line of a QEMU, or a file with one, cannot be read.
  'AMBIGUOUS_COMMAND',
  'ARGV_FILE_UNREADABLE',
  'BAD_KEY',
  'MALFORMED_JSON',
  'MISSING_VALUE',
  'NO_COMMAND',
  'TRUNCATED',
  'UNEXPANDED',
  'UNSUPPORTED_SHELL',
  // The domain is not one that this can be done with.
  'ALREADY_A_DOMAIN',
  'AMBIGUOUS_DOMAIN',
  'BAD_NAME',
  'BAD_RAM_SIZE',
  'DECLINED',
  'DOMAIN_BUSY',
  'DOMAIN_EXISTS',
  'EMULATOR_FAILS',
  'EMULATOR_MISSING',
  'EMULATOR_NOT_EXECUTABLE',
  'HOST_BUSY',
  'LIBRARY_MISSING',
  'MONITOR_BUSY',
  'NO_CONSOLE',
  'NO_MONITOR',
  'NO_OWNER',
  'NO_ROOM_FOR_RAM',
  'NO_SUCH_DOMAIN',
  'NOT_MIGRATING',
  'NO_SUCH_PROCESS',
  'NO_SUCH_SOCKET',
  'NOT_QEMU',
  'NOT_RUNNING',
  'RAM_FOLDER_NOT_PRIVATE',
  'REFUSED',
  'RELATIVE_PATHS',
  // There is no connection to the host.
  'NO_PYTHON',
  'SSH_AUTH_FAILED',
  'SSH_CONFIG',
  'SSH_HANDSHAKE',
  'SSH_HOST_KEY_CHANGED',
  'SSH_HOST_KEY_REVOKED',
  'SSH_HOST_KEY_UNKNOWN',
  'SSH_SHELL',
  'SSH_UNREACHABLE',
  'SUDO_REFUSED',
  // libvirt, or its domain, is not there.
  'LIBVIRT_ADMIN_DENIED',
  'LIBVIRT_DENIED',
  'LIBVIRT_UNREACHABLE',
  'NO_LIBVIRT_DOMAIN',
  'NO_VIRSH',
  'NO_VIRT_ADMIN',
  // A log of libvirt's tells nothing of what is asked for.
  'LOG_HAS_MANY_DOMAINS',
  'LOG_HAS_NO_QMP',
  'LOG_HAS_NO_SUCH_DOMAIN',
  // The state folder, or a trace, cannot be used.
  'NO_RUNTIME_DIR',
  'NOT_A_TRACE',
  'STATE_DAMAGED',
  'STATE_FULL',
  'STATE_NOT_PRIVATE',
  'STATE_TOO_NEW',
  'STATE_UNREADABLE',
  'TRACE_EXISTS',
  'TRACE_IN_USE',
  'TRACE_MISSING',
  'TRACE_TOO_NEW',
]);

export function exitStatusOf(error: unknown): ExitStatus {
  if (error instanceof UsageError) return exitStatus.usage;
  if (error instanceof SidestepError && error.details.outcome !== undefined) {
    return byOutcome[error.details.outcome];
  }
  return error instanceof Error && 'code' in error && refusals.has(String(error.code))
    ? exitStatus.refused
    : exitStatus.failed;
}
