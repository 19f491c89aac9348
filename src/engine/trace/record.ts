/**
 * The trace: everything that happens in a migration, one record each, with the host's clock. The
 * engine appends records; whatever shows a migration (command line, timeline, reports) reads them
 * and nothing else.
 *
 * On disk a trace is NDJSON: one record a line, the first one a `header` with the format's version.
 */
import * as v from 'valibot';

export const traceVersion = 1;
export const traceExtension = '.sidestep-trace';

export const phases = ['begin', 'prepare', 'perform', 'finish', 'confirm'] as const;
export const sides = ['source', 'target'] as const;
export const tables = ['source', 'remote'] as const;

const Phase = v.picklist(phases);
const Side = v.picklist(sides);
const Table = v.picklist(tables);
const InstanceId = v.pipe(v.number(), v.integer());

/** What every record may say: when, in which phase, of which instance. */
const common = {
  /** µs since the Unix epoch on the host's clock; an event's is the time QEMU itself gives it. */
  at: v.number(),
  phase: v.optional(Phase),
  instance: v.optional(InstanceId),
};

const HeaderRecord = v.object({
  ...common,
  type: v.literal('header'),
  version: v.number(),
  host: v.string(),
  domain: v.string(),
  uuid: v.string(),
  /** Whose commands these are, if not the engine's: `libvirt`. */
  origin: v.optional(v.string()),
});

const Finding = v.object({
  code: v.string(),
  message: v.string(),
  /** What to do about it. */
  hint: v.exactOptional(v.string()),
});

/** Who keeps the instance: `libvirt`; missing means the engine. */
const manager = { manager: v.exactOptional(v.string()) };

/** What the migration is to do, once the plan is made. */
const PlanRecord = v.object({
  ...common,
  type: v.literal('plan'),
  mode: v.string(),
  from: v.object({
    id: InstanceId,
    emulator: v.string(),
    version: v.string(),
    pid: v.number(),
    ...manager,
  }),
  to: v.object({ emulator: v.string(), version: v.string(), ...manager }),
  blockers: v.array(Finding),
  warnings: v.array(Finding),
});

const PhaseRecord = v.object({
  ...common,
  type: v.literal('phase'),
  phase: Phase,
  side: Side,
  edge: v.picklist(['begin', 'end', 'failed']),
});

/** A step of a phase; `begin` stands also in the journal, written before the step is taken. */
const StepRecord = v.object({
  ...common,
  type: v.literal('step'),
  step: v.string(),
  edge: v.picklist(['begin', 'end', 'failed', 'undone']),
});

const QmpRecord = v.object({
  ...common,
  type: v.literal('qmp'),
  instance: InstanceId,
  direction: v.picklist(['sent', 'received']),
  kind: v.picklist(['greeting', 'command', 'reply', 'error', 'event']),
  /** Command or event; of a reply the command it answers. */
  name: v.optional(v.string()),
  id: v.optional(v.string()),
  bytes: v.number(),
  /** Who sent the command: the engine, or the user by hand. */
  origin: v.optional(v.string()),
  message: v.unknown(),
});

/** Run state of an instance's machine, as QEMU's RunState names it; `gone` when the process ended. */
const RunStateRecord = v.object({
  ...common,
  type: v.literal('run-state'),
  instance: InstanceId,
  state: v.string(),
});

const RamRecord = v.object({
  ...common,
  type: v.literal('ram'),
  instance: InstanceId,
  /** Bytes. */
  transferred: v.number(),
  remaining: v.number(),
  total: v.number(),
  /** Mbit/s, as QEMU measures it. */
  mbps: v.optional(v.number()),
  /** Passes over the guest's RAM so far. */
  dirtySyncCount: v.optional(v.number()),
});

/** An instance enters or leaves a table. */
const TableRecord = v.object({
  ...common,
  type: v.literal('table'),
  instance: InstanceId,
  from: v.optional(Table),
  to: v.optional(Table),
});

/** A process started or seen to end. */
const ProcessRecord = v.object({
  ...common,
  type: v.literal('process'),
  instance: InstanceId,
  edge: v.picklist(['start', 'exit']),
  pid: v.number(),
  argv: v.optional(v.array(v.string())),
  /** At its start: whether a migration is to come in, where no plan says so. */
  isIncoming: v.optional(v.boolean()),
});

/** What an instance's QEMU printed; with a path, the end of a file that it wrote. */
const OutputRecord = v.object({
  ...common,
  type: v.literal('output'),
  instance: InstanceId,
  path: v.exactOptional(v.string()),
  text: v.string(),
});

/** An address of the source that the target has taken over, or why it has not. */
const TakeBackRecord = v.object({
  ...common,
  type: v.literal('take-back'),
  what: v.string(),
  address: v.string(),
  error: v.optional(v.string()),
});

/** Something the user should know that ended nothing. */
const WarningRecord = v.object({
  ...common,
  type: v.literal('warning'),
  code: v.string(),
  message: v.string(),
});

/** How it ended; the last record. */
const VerdictRecord = v.object({
  ...common,
  type: v.literal('verdict'),
  outcome: v.picklist(['moved', 'stayed', 'refused', 'lost', 'undecided', 'listened']),
  code: v.optional(v.string()),
  message: v.optional(v.string()),
  /** What to do about it. */
  hint: v.optional(v.string()),
});

export const TraceRecordSchema = v.variant('type', [
  HeaderRecord,
  PlanRecord,
  PhaseRecord,
  StepRecord,
  QmpRecord,
  RunStateRecord,
  RamRecord,
  TableRecord,
  ProcessRecord,
  OutputRecord,
  TakeBackRecord,
  WarningRecord,
  VerdictRecord,
]);

export type TraceRecord = v.InferOutput<typeof TraceRecordSchema>;
export type Phase = (typeof phases)[number];
export type Side = (typeof sides)[number];
export type TableName = (typeof tables)[number];
/** How a trace ends: as the migration did; a libvirt that was only listened to has none. */
export type Ending = v.InferOutput<typeof VerdictRecord>['outcome'];
export type Outcome = Exclude<Ending, 'listened'>;

/** What an instance in a table is to a migration. */
export const sideOfTable: Readonly<Record<TableName, Side>> = {
  source: 'source',
  remote: 'target',
};

/** The side a phase is taken on. */
export const sideOf: Readonly<Record<Phase, Side>> = {
  begin: 'source',
  prepare: 'target',
  perform: 'source',
  finish: 'target',
  confirm: 'source',
};
