/**
 * Asks a QEMU binary what it is and can do: how to run it, and how to read what it prints.
 * Nothing here runs anything.
 */
import * as v from 'valibot';
import type { Emulator } from './emulator';
import { JsonSplitter } from './qmp/framing';
import { parseMessage } from './qmp/messages';

export { parseSerializedEmulator, serializeEmulator } from './emulator-cache';

/** A program that does not answer as a QEMU does. The message is a sentence a user can read. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
  constructor(
    message: string,
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const queries = [
  'query-version',
  'query-target',
  'query-machines',
  'query-migrate-capabilities',
  'query-command-line-options',
  'query-qmp-schema',
] as const;
type Query = (typeof queries)[number];

/** QEMU's arguments: no machine, no devices, no configuration of the host's, QMP on stdin and stdout. */
export function probeArguments(): string[] {
  const machine = ['-machine', 'none', '-nodefaults', '-no-user-config'];
  return [...machine, '-display', 'none', '-qmp', 'stdio'];
}

/** All the probe's commands, to be given to its standard input at once. */
export function probeInput(): string {
  return ['qmp_capabilities', ...queries, 'quit']
    .map((command) => `${JSON.stringify({ execute: command, id: command })}\n`)
    .join('');
}

/**
 * QEMU writes to a pipe only what fits, and `quit` throws away what is left: replies of more than
 * a pipe's 64 KiB get lost when the reader is slow. Into a file everything is written at once.
 */
const throughFile = `
out=$(mktemp) && exec 3>"$out" 4<"$out" && rm "$out" || exit
timeout 30 "$@" >&3
status=$?
cat <&4
exit $status`;

/** The command to run on the host, with `probeInput()` or another session as its standard input. */
export function probeCommand(path: string, args: readonly string[] = probeArguments()): string[] {
  return ['sh', '-c', throughFile, 'sidestep-probe', path, ...args];
}

const versionSchema = v.object({
  qemu: v.object({ major: v.number(), minor: v.number(), micro: v.number() }),
  package: v.string(),
});
const targetSchema = v.object({ arch: v.string() });
const machinesSchema = v.array(
  v.object({
    name: v.string(),
    alias: v.optional(v.string()),
    'is-default': v.optional(v.boolean(), false),
    deprecated: v.optional(v.boolean(), false),
    'default-ram-id': v.optional(v.string()),
    'default-cpu-type': v.optional(v.string()),
  }),
);
const capabilitiesSchema = v.array(v.object({ capability: v.string() }));
const optionsSchema = v.array(
  v.object({ option: v.string(), parameters: v.array(v.object({ name: v.string() })) }),
);
/** Of `SchemaInfo` the members for commands, objects and enums; other kinds have none of them. */
const qapiSchema = v.array(
  v.object({
    name: v.string(),
    'meta-type': v.string(),
    'arg-type': v.optional(v.string()),
    members: v.optional(
      v.array(v.object({ name: v.optional(v.string()), type: v.optional(v.string()) })),
    ),
    values: v.optional(v.array(v.string())),
  }),
);
type QapiSchema = v.InferOutput<typeof qapiSchema>;

/**
 * Reads what a probed binary printed.
 * @throws EmulatorError if that is not what a QEMU prints
 */
export function parseProbe(path: string, stdout: string | Buffer): Emulator {
  const replies = readReplies(path, Buffer.from(stdout));
  const read = <S extends v.GenericSchema>(query: Query, schema: S): v.InferOutput<S> => {
    if (!replies.has(query)) throw new EmulatorError(`${path} did not answer "${query}".`, path);
    const result = v.safeParse(schema, replies.get(query));
    if (result.success) return result.output;
    const [issue] = result.issues;
    throw new EmulatorError(
      `${path} answered "${query}" in a form we do not know: ${issue.message}`,
      path,
      { cause: new v.ValiError(result.issues) },
    );
  };

  const version = read('query-version', versionSchema);
  const { major, minor, micro } = version.qemu;
  const qapi = read('query-qmp-schema', qapiSchema);
  const migrationParameters = argumentsOf(qapi, 'migrate-set-parameters');
  return {
    path,
    version: `${major}.${minor}.${micro}`,
    package: version.package,
    target: read('query-target', targetSchema).arch,
    machines: read('query-machines', machinesSchema).map((machine) => ({
      name: machine.name,
      alias: machine.alias,
      isDefault: machine['is-default'],
      deprecated: machine.deprecated,
      defaultRamId: machine['default-ram-id'],
      defaultCpuType: machine['default-cpu-type'],
    })),
    migrationCapabilities: new Set(
      read('query-migrate-capabilities', capabilitiesSchema).map(({ capability }) => capability),
    ),
    migrationParameters: new Set(migrationParameters.keys()),
    migrationModes: new Set(enumValues(qapi, migrationParameters.get('mode'))),
    commands: new Set(
      qapi.filter((entity) => entity['meta-type'] === 'command').map(({ name }) => name),
    ),
    options: new Map(
      read('query-command-line-options', optionsSchema).map(({ option, parameters }) => [
        option,
        new Set(parameters.map(({ name }) => name)),
      ]),
    ),
  };
}

function readReplies(path: string, stdout: Buffer): Map<string, unknown> {
  if (stdout.length === 0) throw new EmulatorError(`${path} printed nothing.`, path);
  const replies = new Map<string, unknown>();
  try {
    for (const { message } of new JsonSplitter().push(stdout)) {
      const received = parseMessage(message);
      if (received.kind === 'reply' && received.id !== undefined) {
        replies.set(received.id, received.value);
      } else if (received.kind === 'error') {
        const about = received.id === undefined ? '' : ` "${received.id}"`;
        throw new EmulatorError(`${path} failed${about}: ${received.desc}`, path);
      }
    }
  } catch (cause) {
    if (cause instanceof EmulatorError) throw cause;
    throw new EmulatorError(`${path} does not speak QMP as a QEMU does.`, path, { cause });
  }
  return replies;
}

/** The names of a command's arguments, each with the name of its type. */
function argumentsOf(qapi: QapiSchema, command: string): Map<string, string | undefined> {
  const argumentType = qapi.find(({ name }) => name === command)?.['arg-type'];
  const members = qapi.find(({ name }) => name === argumentType)?.members ?? [];
  return new Map(members.flatMap(({ name, type }) => (name === undefined ? [] : [[name, type]])));
}

/** The schema masks the names of types (`439`), so an enum is found only through what uses it. */
function enumValues(qapi: QapiSchema, type: string | undefined): string[] {
  const found = qapi.find(({ name }) => name === type);
  // `members` came with QEMU 6.2, and `values` is to go.
  return found?.members?.flatMap(({ name }) => name ?? []) ?? found?.values ?? [];
}
