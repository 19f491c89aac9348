/** The documents of `--json` as docs/command-line.md has them; strict, so that a key is no accident. */
import * as v from 'valibot';

const Finding = v.strictObject({
  code: v.string(),
  message: v.string(),
  hint: v.optional(v.string()),
});
const Us = v.pipe(v.number(), v.minValue(0));
const NullableString = v.nullable(v.string());

export const ErrorDocument = v.strictObject({
  error: v.strictObject({
    code: v.string(),
    message: v.string(),
    hint: v.optional(v.string()),
    instance: v.optional(v.number()),
    path: v.optional(v.string()),
    outcome: v.optional(v.picklist(['stayed', 'refused', 'lost', 'undecided'])),
    findings: v.optional(v.array(Finding)),
    output: v.optional(v.string()),
    trace: v.optional(v.string()),
  }),
});

export const StartDocument = v.strictObject({
  domain: v.string(),
  uuid: v.pipe(v.string(), v.uuid()),
  instance: v.strictObject({
    id: v.number(),
    emulator: v.string(),
    version: v.string(),
    pid: v.number(),
    monitor: v.string(),
  }),
  remark: v.string(),
});

export const ListDocument = v.strictObject({
  domains: v.array(
    v.strictObject({
      name: v.string(),
      uuid: v.string(),
      state: v.string(),
      libvirt: v.nullable(
        v.strictObject({
          connection: v.string(),
          reason: NullableString,
          persistent: v.boolean(),
          autostart: v.boolean(),
          managedSave: v.boolean(),
          installed: NullableString,
        }),
      ),
      migration: v.nullable(
        v.strictObject({
          client: v.picklist(['other', 'gone']),
          phase: NullableString,
          step: NullableString,
          mode: NullableString,
          ram: v.nullable(
            v.strictObject({
              percent: v.number(),
              total: v.number(),
              mbps: v.nullable(v.number()),
              pass: v.number(),
            }),
          ),
          trace: NullableString,
        }),
      ),
      instances: v.array(
        v.strictObject({
          id: v.number(),
          table: v.picklist(['source', 'remote']),
          alive: v.boolean(),
          emulator: v.string(),
          version: NullableString,
          pid: v.nullable(v.number()),
          uptimeUs: v.nullable(Us),
          monitor: NullableString,
        }),
      ),
    }),
  ),
  failures: v.array(v.strictObject({ connection: v.string(), ...ErrorDocument.entries })),
});

export const PathsDocument = v.strictObject({
  domain: v.string(),
  uuid: v.string(),
  instances: v.array(
    v.strictObject({
      id: v.number(),
      table: v.picklist(['source', 'remote']),
      folder: v.string(),
      monitor: NullableString,
      console: NullableString,
      output: NullableString,
      resources: v.array(
        v.strictObject({
          kind: v.string(),
          option: v.string(),
          address: v.string(),
          action: v.string(),
          reason: v.string(),
          target: NullableString,
          namedBy: v.nullable(v.picklist(['id', 'name', 'uuid'])),
        }),
      ),
    }),
  ),
});

const Mode = v.picklist(['precopy', 'ignore-shared', 'cpr-transfer']);

export const PlanDocument = v.strictObject({
  arguments: v.strictObject({ source: v.array(v.string()), target: v.array(v.string()) }),
  resources: v.array(
    v.strictObject({
      option: v.string(),
      kind: v.string(),
      action: v.picklist(['share', 'unique', 'take-back', 'pin', 'drop', 'refuse']),
      source: NullableString,
      target: NullableString,
      reason: v.string(),
    }),
  ),
  mode: Mode,
  fasterModes: v.array(v.strictObject({ mode: Mode, reason: v.string() })),
  blockers: v.array(Finding),
  warnings: v.array(Finding),
});

const MovedInstance = v.strictObject({
  id: v.number(),
  emulator: v.string(),
  version: v.string(),
  pid: v.number(),
});
const PhaseTime = v.strictObject({
  name: v.picklist(['begin', 'prepare', 'perform', 'finish', 'confirm']),
  side: v.picklist(['source', 'target']),
  startUs: Us,
  endUs: Us,
});

export const HandbackDocument = v.strictObject({
  domain: v.string(),
  uuid: v.string(),
  to: v.string(),
  phases: v.pipe(v.array(PhaseTime), v.length(5)),
  downtimeUs: v.nullable(Us),
  totalUs: Us,
  trace: v.string(),
});

export const MigrateDocument = v.strictObject({
  domain: v.string(),
  uuid: v.string(),
  from: MovedInstance,
  to: MovedInstance,
  mode: Mode,
  phases: v.pipe(v.array(PhaseTime), v.length(5)),
  downtimeUs: v.nullable(Us),
  totalUs: Us,
  takenBack: v.array(
    v.strictObject({ what: v.string(), address: v.string(), error: v.optional(v.string()) }),
  ),
  warnings: v.array(Finding),
  handback: v.exactOptional(HandbackDocument),
  trace: v.string(),
});

export const PauseDocument = v.strictObject({
  domain: v.string(),
  uuid: v.string(),
  state: v.picklist(['paused', 'running']),
});

export const EndDocument = v.strictObject({
  domain: v.string(),
  uuid: v.string(),
  ended: v.picklist(['stopped', 'destroyed']),
});

export const CancelDocument = v.strictObject({
  domain: v.string(),
  uuid: v.pipe(v.string(), v.uuid()),
  outcome: v.literal('stayed'),
});

export const RecoverDocument = v.strictObject({
  recovered: v.array(
    v.strictObject({
      domain: v.string(),
      uuid: v.string(),
      outcome: v.picklist(['moved', 'stayed', 'lost']),
      libvirts: v.boolean(),
      takenBack: v.array(
        v.strictObject({ what: v.string(), address: v.string(), error: v.nullable(v.string()) }),
      ),
      trace: v.string(),
    }),
  ),
});

export const TraceDocument = v.strictObject({
  summary: v.strictObject({
    phases: v.array(PhaseTime),
    downtimeUs: v.nullable(Us),
    totalUs: v.nullable(Us),
    outcome: v.nullable(
      v.picklist(['moved', 'stayed', 'refused', 'lost', 'undecided', 'listened']),
    ),
    hops: v.optional(
      v.array(
        v.strictObject({
          kind: v.nullable(v.picklist(['from-libvirt', 'to-libvirt'])),
          mode: NullableString,
          phases: v.array(PhaseTime),
          downtimeUs: v.nullable(Us),
        }),
      ),
    ),
  }),
  records: v.array(v.looseObject({ at: v.number(), type: v.string() })),
});

export const BundleDocument = v.strictObject({ bundle: v.string(), bytes: v.number() });

export const ListenDocument = v.strictObject({ ...TraceDocument.entries, trace: v.string() });

export const EmulatorsDocument = v.strictObject({
  emulators: v.array(
    v.union([
      v.strictObject({
        path: v.string(),
        version: v.string(),
        package: v.string(),
        target: v.string(),
        defaultMachine: NullableString,
        machines: v.array(
          v.strictObject({ name: v.string(), alias: NullableString, deprecated: v.boolean() }),
        ),
        ignoreShared: v.boolean(),
        cprTransfer: v.boolean(),
        auxRamShare: v.boolean(),
      }),
      v.strictObject({ path: v.string(), error: Finding }),
    ]),
  ),
});
