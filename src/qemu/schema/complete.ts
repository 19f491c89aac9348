/** What may come next on a line of the console, by the schema of the QEMU that it is typed to. */
import { findNodeAtLocation, getLocation, parseTree, type Node } from 'jsonc-parser';
import { consoleWords, type ArgumentWord } from './console-words';
import type { QmpSchema, SchemaMember, SchemaType } from './schema';

export interface Completion {
  /** Offsets of what the candidates replace. */
  readonly start: number;
  readonly end: number;
  /** By text. */
  readonly candidates: readonly Candidate[];
}

export interface Candidate {
  readonly text: string;
  /** What it is, in a few words: `optional string`; empty if there is nothing to say. */
  readonly hint: string;
}

/** Pure: `line` as typed so far, and where the cursor stands in it. */
export function complete(schema: QmpSchema, line: string, cursor: number): Completion {
  const before = line.slice(0, cursor);
  if (before.trimStart().startsWith('{')) {
    const raw = rawCommand(schema, line);
    return completeJson(raw.schema, [raw.shape], line, 0, cursor);
  }
  const { command, arguments: words } = consoleWords(before);
  if (words.length === 0 && cursor <= command.end) {
    return narrowed(commandCandidates(schema), before, command.start);
  }
  const known = schema.commands.get(command.text);
  if (known === undefined) return { start: cursor, end: cursor, candidates: [] };
  const last = words.at(-1);
  const current = last !== undefined && (last.value ?? last.key).end === cursor ? last : undefined;
  const others = consoleWords(line).arguments.filter(({ key }) => key.start !== current?.key.start);
  const root: Shape = { type: schema.type(known.argumentType), given: treeOf(others) };
  if (current?.value === undefined) return completeKey(schema, root, before, current);
  return completeValue(schema, root, line, current, cursor);
}

/** A value's type, and what is given of it so far: members by name, text as it is. */
interface Shape {
  readonly type: SchemaType;
  readonly given: Given;
}
type Given = ReadonlyMap<string, Given | string>;

const nothing: Given = new Map();

function commandCandidates(schema: QmpSchema): Candidate[] {
  return [...schema.commands.values()].map(({ name, argumentType, deprecated }) => {
    const type = schema.type(argumentType);
    const takesArguments = type.kind !== 'object' || type.members.length > 0;
    return { text: takesArguments ? `${name} ` : name, hint: deprecated ? 'deprecated' : '' };
  });
}

function completeKey(
  schema: QmpSchema,
  root: Shape,
  before: string,
  current: ArgumentWord | undefined,
): Completion {
  const start = current?.key.start ?? before.length;
  const path = (current?.key.text ?? '').split('.').slice(0, -1);
  const prefix = path.map((name) => `${name}.`).join('');
  const candidates = shapesAt(schema, [root], path).flatMap((shape) =>
    membersToGive(schema, shape).flatMap((member) => {
      const hint = hintOf(schema, member);
      const kinds = new Set(schema.alternativesOf(member.type).map(({ kind }) => kind));
      // Members of an object are given one by one, a list as a whole.
      return [
        ...(kinds.has('object') ? [{ text: `${prefix}${member.name}.`, hint }] : []),
        ...(kinds.size > 1 || !kinds.has('object')
          ? [{ text: `${prefix}${member.name}=`, hint }]
          : []),
      ];
    }),
  );
  return narrowed(candidates, before, start);
}

function completeValue(
  schema: QmpSchema,
  root: Shape,
  line: string,
  { key, value }: ArgumentWord,
  cursor: number,
): Completion {
  const start = value?.start ?? cursor;
  const shapes = shapesAt(schema, [root], key.text.split('.'));
  const types = shapes.map(({ type }) => type);
  if (/^[[{]/.test(value?.text ?? '')) return completeJson(schema, shapes, line, start, cursor);
  return narrowed(
    types.flatMap((type) => [...scalars(type), ...(type.kind === 'array' ? [bracket(type)] : [])]),
    line.slice(0, cursor),
    start,
  );
}

/** In a JSON document that begins at `start` of the line. */
function completeJson(
  schema: QmpSchema,
  roots: readonly Shape[],
  line: string,
  start: number,
  cursor: number,
): Completion {
  const text = line.slice(start);
  const offset = cursor - start;
  const { path, isAtPropertyKey, previousNode } = getLocation(text, offset);
  const within =
    previousNode !== undefined && previousNode.offset + previousNode.length >= offset
      ? previousNode.offset
      : offset;
  // A word that is begun and is no JSON yet.
  const from =
    within < offset ? within : offset - (/[\w-]*$/.exec(text.slice(0, offset))?.[0].length ?? 0);
  const given = parseTree(text, [], { disallowComments: true });
  const filled = roots.map(({ type, given: known }) => ({
    type,
    given: given === undefined ? known : givenIn(given),
  }));
  const segments = path.map(String);
  const there = given && findNodeAtLocation(given, path);
  const isBehindIt =
    there !== undefined && there.length > 0 && there.offset + there.length < offset;
  if (!isAtPropertyKey && isBehindIt) return narrowed([], line.slice(0, cursor), cursor);
  const candidates = isAtPropertyKey
    ? shapesAt(schema, filled, segments.slice(0, -1)).flatMap((shape) =>
        membersToGive(schema, shape, segments.at(-1)).map((member) => ({
          text: `${JSON.stringify(member.name)}: `,
          hint: hintOf(schema, member),
        })),
      )
    : shapesAt(schema, filled, segments).flatMap(({ type }) => [
        ...scalars(type).map(({ text, hint }) => ({
          text: type.kind === 'enum' ? JSON.stringify(text) : text,
          hint,
        })),
        ...(type.kind === 'array' || type.kind === 'object' ? [bracket(type)] : []),
      ]);
  return narrowed(candidates, line.slice(0, cursor), start + from);
}

/** A command in JSON, as an object of the same schema. */
function rawCommand(schema: QmpSchema, line: string): { schema: QmpSchema; shape: Shape } {
  const given = parseTree(line, [], { disallowComments: true });
  const command = given && findNodeAtLocation(given, ['execute']);
  const known = schema.commands.get(String(command?.value));
  const names: SchemaType = { kind: 'enum', values: [...schema.commands.keys()] };
  const member = { optional: false, deprecated: false };
  const type: SchemaType = {
    kind: 'object',
    members: [
      { ...member, name: 'execute', type: commandNames },
      { ...member, name: 'arguments', type: known?.argumentType ?? '', optional: true },
    ],
    tag: undefined,
    variants: new Map(),
  };
  return { schema: schema.with(commandNames, names), shape: { type, given: nothing } };
}

/** Name of a type that no QEMU has. */
const commandNames = ':command';

/** What lies at a path: several where a value may be of several types. */
function shapesAt(
  schema: QmpSchema,
  shapes: readonly Shape[],
  path: readonly string[],
): readonly Shape[] {
  const [name, ...rest] = path;
  if (name === undefined) return shapes;
  const next = shapes.flatMap(({ type, given }) => {
    const types =
      type.kind === 'array'
        ? [type.element]
        : type.kind === 'object'
          ? schema
              .membersOf(type, scalarsIn(given))
              .flatMap((member) => (member.name === name ? member.type : []))
          : [];
    const inner = given.get(name);
    return types.flatMap((each) =>
      schema.alternativesOf(each).map((alternative) => ({
        type: alternative,
        given: inner instanceof Map ? inner : nothing,
      })),
    );
  });
  return shapesAt(schema, next, rest);
}

/** @param keep a member that is offered although it is given: the one the cursor stands in */
function membersToGive(
  schema: QmpSchema,
  { type, given }: Shape,
  keep?: string,
): readonly SchemaMember[] {
  if (type.kind !== 'object') return [];
  return schema
    .membersOf(type, scalarsIn(given))
    .filter(({ name }) => name === keep || typeof given.get(name) !== 'string');
}

function scalarsIn(given: Given): ReadonlyMap<string, string> {
  return new Map(
    [...given].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

function scalars(type: SchemaType): Candidate[] {
  const values =
    type.kind === 'enum'
      ? type.values
      : type.kind === 'builtin' && type.json === 'boolean'
        ? ['true', 'false']
        : [];
  return values.map((text) => ({ text, hint: '' }));
}

function bracket({ kind }: SchemaType): Candidate {
  return kind === 'array' ? { text: '[', hint: 'list' } : { text: '{', hint: 'object' };
}

function hintOf(schema: QmpSchema, { type, optional, deprecated }: SchemaMember): string {
  const words = [deprecated ? 'deprecated' : '', optional ? 'optional' : '', schema.describe(type)];
  return words.filter((word) => word !== '').join(' ');
}

/** What words give, by their dotted keys. */
function treeOf(words: readonly ArgumentWord[]): Given {
  const root = new Map<string, Given | string>();
  for (const { key, value } of words) {
    if (value === undefined) continue;
    const names = key.text.split('.');
    const last = names.pop() ?? '';
    let tree = root;
    for (const name of names) {
      const found = tree.get(name);
      const next = new Map<string, Given | string>(found instanceof Map ? found : []);
      tree.set(name, next);
      tree = next;
    }
    tree.set(last, value.text.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return root;
}

/** What a JSON document gives, as far as it is there. */
function givenIn({ type, children = [] }: Node): Given {
  const entries =
    type === 'array'
      ? children.map((child, index) => [String(index), child] as const)
      : children.map(({ children: [key, value] = [] }) => [String(key?.value), value] as const);
  return new Map(
    entries.flatMap(([name, node]) => {
      if (node === undefined) return [];
      const isNested = node.type === 'object' || node.type === 'array';
      return [[name, isNested ? givenIn(node) : String(node.value)] as const];
    }),
  );
}

/** Those of the candidates that go on from what is typed, each once. */
function narrowed(candidates: readonly Candidate[], before: string, start: number): Completion {
  const typed = before.slice(start);
  const fitting = candidates.filter(({ text }) => text.startsWith(typed) && text !== typed);
  const distinct = new Map(fitting.map((candidate) => [candidate.text, candidate]));
  return {
    start,
    end: before.length,
    candidates: [...distinct.values()].sort((a, b) => (a.text < b.text ? -1 : 1)),
  };
}
