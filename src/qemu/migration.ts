/**
 * What QEMU says of a migration and of its machine. States and fields that a newer QEMU adds are
 * kept, never a failure.
 */
import * as v from 'valibot';
import { QmpError } from './qmp/errors';

/** QAPI enum MigrationStatus. */
export const migrationStatuses = [
  'none',
  'setup',
  'cancelling',
  'cancelled',
  'active',
  'postcopy-active',
  'postcopy-device',
  'postcopy-paused',
  'postcopy-recover-setup',
  'postcopy-recover',
  'completed',
  'failed',
  'colo',
  'pre-switchover',
  'device',
  'wait-unplug',
] as const;

/** QAPI enum RunState. */
export const runStates = [
  'debug',
  'inmigrate',
  'internal-error',
  'io-error',
  'paused',
  'postmigrate',
  'prelaunch',
  'finish-migrate',
  'restore-vm',
  'running',
  'save-vm',
  'shutdown',
  'suspended',
  'watchdog',
  'guest-panicked',
  'colo',
] as const;

/** Any other name, without losing the known ones in an editor's completion. */
type OtherName = string & Record<never, never>;
export type MigrationStatus = (typeof migrationStatuses)[number] | OtherName;
export type RunState = (typeof runStates)[number] | OtherName;

/** QAPI MigrationStats. Sizes in bytes. */
export interface RamProgress {
  readonly transferred: number;
  readonly remaining: number;
  readonly total: number;
  /** Pages: all of one byte value, and sent whole. */
  readonly duplicate: number | undefined;
  readonly normal: number | undefined;
  readonly normalBytes: number | undefined;
  /** Megabits a second. */
  readonly mbps: number | undefined;
  readonly dirtySyncCount: number | undefined;
  readonly dirtyPagesRate: number | undefined;
  readonly pageSize: number | undefined;
}

/** Return of `query-migrate`. Times in ms. */
export interface MigrationInfo {
  /** `none` before the first migration. */
  readonly status: MigrationStatus;
  readonly ram: RamProgress | undefined;
  readonly totalTimeMs: number | undefined;
  readonly downtimeMs: number | undefined;
  readonly expectedDowntimeMs: number | undefined;
  readonly setupTimeMs: number | undefined;
  readonly errorDesc: string | undefined;
  /** Why QEMU would refuse to migrate now. */
  readonly blockedReasons: readonly string[];
  /** All that QEMU said. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Return of `query-status`. */
export interface RunStateInfo {
  readonly status: RunState;
  /** Whether vCPUs run. */
  readonly running: boolean;
}

const objectSchema = v.record(v.string(), v.unknown());
/** Undefined when absent or of another type: `raw` still has it. */
const number = v.fallback(v.optional(v.number()), undefined);
const string = v.fallback(v.optional(v.string()), undefined);

const ramSchema = v.object({
  transferred: v.number(),
  remaining: v.number(),
  total: v.number(),
  duplicate: number,
  normal: number,
  'normal-bytes': number,
  mbps: number,
  'dirty-sync-count': number,
  'dirty-pages-rate': number,
  'page-size': number,
});
const migrationSchema = v.object({
  status: v.fallback(v.optional(v.string(), 'none'), 'none'),
  ram: v.fallback(v.optional(ramSchema), undefined),
  'total-time': number,
  downtime: number,
  'expected-downtime': number,
  'setup-time': number,
  'error-desc': string,
  'blocked-reasons': v.fallback(v.optional(v.array(v.string()), []), []),
});
const statusSchema = v.object({ status: v.string(), running: v.boolean() });

/**
 * Reads the return of `query-migrate`.
 * @throws QmpError `NOT_QMP` if it is no object
 */
export function parseMigrationInfo(returned: unknown): MigrationInfo {
  const raw = parseReturn('query-migrate', objectSchema, returned);
  const info = parseReturn('query-migrate', migrationSchema, raw);
  return {
    status: info.status,
    ram: info.ram && {
      transferred: info.ram.transferred,
      remaining: info.ram.remaining,
      total: info.ram.total,
      duplicate: info.ram.duplicate,
      normal: info.ram.normal,
      normalBytes: info.ram['normal-bytes'],
      mbps: info.ram.mbps,
      dirtySyncCount: info.ram['dirty-sync-count'],
      dirtyPagesRate: info.ram['dirty-pages-rate'],
      pageSize: info.ram['page-size'],
    },
    totalTimeMs: info['total-time'],
    downtimeMs: info.downtime,
    expectedDowntimeMs: info['expected-downtime'],
    setupTimeMs: info['setup-time'],
    errorDesc: info['error-desc'],
    blockedReasons: info['blocked-reasons'],
    raw,
  };
}

/** The status a `MIGRATION` event tells; undefined for any other event. */
export function migrationStatusOf(event: {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}): MigrationStatus | undefined {
  const { status } = event.data;
  return event.name === 'MIGRATION' && typeof status === 'string' ? status : undefined;
}

/** Whether a migration in this state is over, well or not. `none` is not: it has not begun. */
export function isMigrationEnd(status: MigrationStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/**
 * Whether QEMU waits for somebody to mend the channel: in postcopy, once the guest has left the source.
 * (QEMU's docs/devel/migration/postcopy.rst.)
 */
export function isInterrupted(status: MigrationStatus | undefined): boolean {
  return status === 'postcopy-paused';
}

/** Whether the guest has left the source, and some of its RAM has not yet. */
export function isPostcopy(status: MigrationStatus | undefined): boolean {
  return status?.startsWith('postcopy-') === true;
}

/** Whether QEMU is at a migration. */
export function isMigrationUnderWay(status: MigrationStatus | undefined): boolean {
  return status !== undefined && status !== 'none' && !isMigrationEnd(status);
}

/**
 * Reads the return of `query-status`.
 * @throws QmpError `NOT_QMP`
 */
export function parseRunState(returned: unknown): RunStateInfo {
  return parseReturn('query-status', statusSchema, returned);
}

function parseReturn<S extends v.GenericSchema>(
  command: string,
  schema: S,
  returned: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, returned);
  if (result.success) return result.output;
  throw new QmpError('NOT_QMP', `The answer to "${command}" is not what QEMU gives.`, {
    command,
    cause: new v.ValiError(result.issues),
  });
}
