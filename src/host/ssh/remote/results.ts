/** What the helper answers, as it is parsed. */
import * as v from 'valibot';

const Bytes = v.pipe(
  v.string(),
  v.transform((text) => Buffer.from(text, 'base64')),
);
/** None is null in JSON. */
function orNone<const Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(
    v.nullable(schema),
    v.transform((value) => value ?? undefined),
  );
}
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const Nothing = v.unknown();
export const Micros = v.number();
export const Handle = v.number();
export const HandleOrNone = orNone(v.number());
export const Truth = v.boolean();
export const Growth = Bytes;
export const Output = Bytes;

const Facts = v.object({
  uid: v.number(),
  runtimeDir: orNone(v.string()),
  sharedMemoryDir: orNone(v.string()),
});

const exit = { status: orNone(v.number()), killedBy: orNone(v.string()) };
export const Exit = orNone(v.object(exit));

export const RunAnswer = v.object({
  ...exit,
  stdout: Bytes,
  stderr: Bytes,
});

export const Identity = v.object({
  pid: v.number(),
  startTime: v.number(),
  argv: v.array(v.string()),
});

const ProcessFacts = v.object({
  ...Identity.entries,
  cwd: orNone(v.string()),
  exe: orNone(v.string()),
  uid: v.number(),
  startedAt: v.number(),
  state: v.string(),
});
export const Inspected = v.array(orNone(ProcessFacts));

export const Said = v.array(orNone(v.array(v.string())));
export const Relays = v.array(v.picklist(['socat', 'nc']));

const FileStat = v.object({
  kind: v.picklist(['file', 'directory', 'socket', 'block-device', 'other']),
  size: v.number(),
  mtimeMs: v.number(),
  device: v.number(),
  inode: v.number(),
  rdev: v.number(),
  mode: v.number(),
  uid: v.number(),
  executable: v.boolean(),
});
const Done = v.pipe(
  v.null(),
  v.transform(() => undefined),
);

export const fileResults = {
  read: orNone(Bytes),
  readPart: orNone(Bytes),
  readEach: v.pipe(
    v.array(v.tuple([v.string(), Bytes])),
    v.transform((found) => new Map(found.sort(([a], [b]) => byName(a, b)))),
  ),
  write: Done,
  append: Done,
  reserve: Done,
  rename: Done,
  remove: Done,
  mkdir: Done,
  list: v.pipe(
    v.array(v.string()),
    v.transform((names) => names.sort(byName)),
  ),
  stat: orNone(FileStat),
  realpath: orNone(v.string()),
  freeSpace: v.number(),
};

/** Why a request failed. */
const Failed = v.object({
  /** The name of the system call's error: `ENOENT`. */
  errno: v.optional(v.string()),
  reason: v.optional(v.string()),
  /** Of file operations: how many did not fail. */
  done: v.optional(v.number()),
  /** Of a start: the working directory is what is missing. */
  missingFolder: v.optional(v.boolean()),
  /** Of a start: it is the file for its output that cannot be opened. */
  output: v.optional(v.boolean()),
  timeout: v.optional(v.boolean()),
  /** The process that was to listen. */
  gone: v.optional(v.boolean()),
});
export type Failed = v.InferOutput<typeof Failed>;

/** A line as what it should be; undefined for one that is not the helper's. */
export function parseLine<const Schema extends v.GenericSchema>(
  schema: Schema,
  line: string,
): v.InferOutput<Schema> | undefined {
  // What a login shell has left running may still print.
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** The helper's first line. */
export const Greeting = v.object({ facts: Facts });

/** Each further one. */
export const Message = v.union([
  v.object({ id: v.number(), result: v.unknown() }),
  v.object({ id: v.number(), error: Failed }),
  v.object({ id: v.number(), event: v.unknown() }),
]);
