/**
 * What QMP a running QEMU speaks, from its own `query-qmp-schema`: commands, their arguments, events.
 * What a newer QEMU says besides is left out, never a failure.
 */
import * as v from 'valibot';
import { QmpError } from '../qmp/errors';

export type SchemaType =
  /** QAPI's JSONType: `string`, `number`, `int`, `boolean`, `null`, `value` (anything) ... */
  | { readonly kind: 'builtin'; readonly json: string }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'array'; readonly element: string }
  | ObjectType
  /** One of several, told apart by their JSON types. */
  | { readonly kind: 'alternate'; readonly types: readonly string[] };

export interface ObjectType {
  readonly kind: 'object';
  readonly members: readonly SchemaMember[];
  /** The member whose value says which variant's members there are besides. */
  readonly tag: string | undefined;
  /** Value of the tag to the name of an object type. */
  readonly variants: ReadonlyMap<string, string>;
}

export interface SchemaMember {
  readonly name: string;
  /** Name of its type. */
  readonly type: string;
  readonly optional: boolean;
  readonly deprecated: boolean;
}

export interface SchemaCommand {
  readonly name: string;
  /** Name of its arguments' type, an object. */
  readonly argumentType: string;
  readonly deprecated: boolean;
}

const anything: SchemaType = { kind: 'builtin', json: 'value' };

export class QmpSchema {
  constructor(
    /** By name, in the order of their names. */
    readonly commands: ReadonlyMap<string, SchemaCommand>,
    readonly events: ReadonlySet<string>,
    private readonly types: ReadonlyMap<string, SchemaType>,
  ) {}

  /** The same, with one more type. */
  with(name: string, type: SchemaType): QmpSchema {
    return new QmpSchema(this.commands, this.events, new Map([...this.types, [name, type]]));
  }

  /** A type that the schema does not have may be anything. */
  type(name: string): SchemaType {
    return this.types.get(name) ?? anything;
  }

  /** The members an object has, those of the variant that `given` chooses included. */
  membersOf(type: ObjectType, given: ReadonlyMap<string, string>): readonly SchemaMember[] {
    const chosen = type.tag === undefined ? undefined : given.get(type.tag);
    const variant = chosen === undefined ? undefined : type.variants.get(chosen);
    const more = variant === undefined ? undefined : this.type(variant);
    return more?.kind === 'object'
      ? [...type.members, ...this.membersOf(more, given)]
      : type.members;
  }

  /** What a value of this type can be: an alternate's types, and those of its alternates. */
  alternativesOf(name: string): readonly SchemaType[] {
    const type = this.type(name);
    return type.kind === 'alternate'
      ? type.types.flatMap((each) => this.alternativesOf(each))
      : [type];
  }

  /** The type in a word or two, for a user: `string`, `list of integer`, `on|off|auto`. */
  describe(name: string): string {
    const words = this.alternativesOf(name).map((type) => {
      switch (type.kind) {
        case 'builtin':
          return builtinWords[type.json] ?? type.json;
        case 'enum':
          return type.values.length > fewValues
            ? `one of ${type.values.length}`
            : type.values.join('|');
        case 'array':
          return `list of ${this.describe(type.element)}`;
        default:
          return 'object';
      }
    });
    return [...new Set(words)].join(' or ');
  }
}

/** So many values of an enum are told one by one. */
const fewValues = 6;

const builtinWords: Readonly<Record<string, string>> = {
  int: 'integer',
  boolean: 'true|false',
  value: 'anything',
};

const features = v.fallback(v.optional(v.array(v.string()), []), []);
const Member = v.object({
  name: v.string(),
  type: v.string(),
  /** Present, and null, in optional members only. */
  default: v.optional(v.unknown()),
  features,
});
const Entry = v.variant('meta-type', [
  v.object({ 'meta-type': v.literal('builtin'), name: v.string(), 'json-type': v.string() }),
  v.object({
    'meta-type': v.literal('enum'),
    name: v.string(),
    values: v.optional(v.array(v.string()), []),
    /** In place of `values`, which is deprecated. */
    members: v.optional(v.array(v.object({ name: v.string() }))),
  }),
  v.object({ 'meta-type': v.literal('array'), name: v.string(), 'element-type': v.string() }),
  v.object({
    'meta-type': v.literal('object'),
    name: v.string(),
    members: v.array(Member),
    tag: v.optional(v.string()),
    variants: v.optional(v.array(v.object({ case: v.string(), type: v.string() })), []),
  }),
  v.object({
    'meta-type': v.literal('alternate'),
    name: v.string(),
    members: v.array(v.object({ type: v.string() })),
  }),
  v.object({
    'meta-type': v.literal('command'),
    name: v.string(),
    'arg-type': v.string(),
    features,
  }),
  v.object({ 'meta-type': v.literal('event'), name: v.string() }),
]);
type Entry = v.InferOutput<typeof Entry>;

/**
 * Reads the return of `query-qmp-schema`.
 * @throws QmpError `NOT_QMP` if that is not even a list
 */
export function parseQmpSchema(returned: unknown): QmpSchema {
  if (!Array.isArray(returned)) {
    throw new QmpError('NOT_QMP', 'The answer to "query-qmp-schema" is not what QEMU gives.', {
      command: 'query-qmp-schema',
    });
  }
  const commands: SchemaCommand[] = [];
  const events = new Set<string>();
  const types = new Map<string, SchemaType>();
  for (const item of returned) {
    const { success, output } = v.safeParse(Entry, item);
    if (!success) continue;
    if (output['meta-type'] === 'command') commands.push(commandOf(output));
    else if (output['meta-type'] === 'event') events.add(output.name);
    else types.set(output.name, typeOf(output));
  }
  commands.sort((a, b) => (a.name < b.name ? -1 : 1));
  return new QmpSchema(new Map(commands.map((command) => [command.name, command])), events, types);
}

function commandOf(entry: Extract<Entry, { 'meta-type': 'command' }>): SchemaCommand {
  return {
    name: entry.name,
    argumentType: entry['arg-type'],
    deprecated: entry.features.includes('deprecated'),
  };
}

function typeOf(entry: Exclude<Entry, { 'meta-type': 'command' | 'event' }>): SchemaType {
  switch (entry['meta-type']) {
    case 'builtin':
      return { kind: 'builtin', json: entry['json-type'] };
    case 'enum':
      return { kind: 'enum', values: entry.members?.map(({ name }) => name) ?? entry.values };
    case 'array':
      return { kind: 'array', element: entry['element-type'] };
    case 'alternate':
      return { kind: 'alternate', types: entry.members.map(({ type }) => type) };
    case 'object':
      return {
        kind: 'object',
        members: entry.members.map((member) => ({
          name: member.name,
          type: member.type,
          optional: 'default' in member,
          deprecated: member.features.includes('deprecated'),
        })),
        tag: entry.tag,
        variants: new Map(entry.variants.map((variant) => [variant.case, variant.type])),
      };
  }
}
