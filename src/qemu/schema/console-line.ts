/**
 * A command as it is typed in the console:
 *
 *     query-status
 *     device_add driver=virtio-net-pci id=net1
 *     blockdev-add driver=qcow2 node-name=disk1 file.driver=file file.filename=/a.qcow2
 *     migrate-set-capabilities capabilities=[{"capability":"xbzrle","state":true}]
 *     {"execute": "query-status"}
 *
 * As in QEMU's own qmp-shell a value is a JSON document, a number, true, false or null, and text if
 * it is none of these. A schema tells more: where QEMU wants text, `1` is text.
 */
import { parseTree, type ParseError, printParseErrorCode } from 'jsonc-parser';
import * as v from 'valibot';
import { consoleWords, type ArgumentWord, type Span } from './console-words';
import type { QmpSchema, SchemaType } from './schema';

export type ConsoleLine =
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly arguments: Readonly<Record<string, unknown>> | undefined;
    }
  | {
      readonly kind: 'error';
      /** One sentence for the user. */
      readonly message: string;
      /** Offset in the line. */
      readonly position: number;
    };

export function parseConsoleLine(line: string, schema?: QmpSchema): ConsoleLine {
  try {
    return line.trimStart().startsWith('{') ? parseRaw(line) : parseWords(line, schema);
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    return { kind: 'error', message: error.message, position: error.position };
  }
}

class LineError extends Error {
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(message);
  }
}

/** `v.record` would take a list too. */
const JsonObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
const RawArguments = v.optional(JsonObject);
const RawCommand = v.union([
  v.object({ execute: v.string(), arguments: RawArguments }),
  v.object({ 'exec-oob': v.string(), arguments: RawArguments }),
]);

function parseRaw(line: string): ConsoleLine {
  const start = line.length - line.trimStart().length;
  const { success, output } = v.safeParse(RawCommand, parseJson(line.trim(), start));
  if (!success) {
    throw new LineError('A command in JSON is {"execute": NAME, "arguments": {...}}.', start);
  }
  const command = 'execute' in output ? output.execute : output['exec-oob'];
  return { kind: 'command', command, arguments: output.arguments };
}

function parseWords(line: string, schema: QmpSchema | undefined): ConsoleLine {
  const { command, arguments: words } = consoleWords(line);
  if (command.text === '') throw new LineError('There is no command.', command.start);
  if (words.length === 0) return { kind: 'command', command: command.text, arguments: undefined };
  const known = schema?.commands.get(command.text);
  const root: Tree = new Map();
  for (const word of words) add(root, word, schema, known?.argumentType);
  return {
    kind: 'command',
    command: command.text,
    arguments: Object.fromEntries([...root].map(([key, value]) => [key, valueOf(value)])),
  };
}

/** What dotted keys make, before those that count from 0 become lists. */
type Tree = Map<string, Branch>;
type Branch = { readonly value: unknown } | Tree;

function valueOf(branch: Branch): unknown {
  if (!(branch instanceof Map)) return branch.value;
  const entries = [...branch].map(([key, value]) => [key, valueOf(value)] as const);
  const isList = entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

function add(
  root: Tree,
  word: ArgumentWord,
  schema: QmpSchema | undefined,
  argumentType: string | undefined,
): void {
  const { key, value, isWhole } = word;
  if (value === undefined) {
    throw new LineError(`"${key.text}" has no value: an argument is written key=value.`, key.start);
  }
  if (!isWhole) throw new LineError(`The value of "${key.text}" does not end.`, value.start);
  const names = key.text.split('.');
  const last = names.pop() ?? '';
  if (last === '' || names.includes('')) {
    throw new LineError(`"${key.text}" is no name of an argument.`, key.start);
  }
  let tree = root;
  for (const name of names) {
    const next = tree.get(name) ?? new Map<string, Branch>();
    if (!(next instanceof Map)) throw givenTwice(key);
    tree.set(name, next);
    tree = next;
  }
  if (tree.has(last)) throw givenTwice(key);
  const types =
    schema === undefined || argumentType === undefined
      ? []
      : typesAt(schema, argumentType, [...names, last]);
  tree.set(last, { value: readValue(value, types) });
}

function givenTwice(key: Span): LineError {
  return new LineError(`"${key.text}" is given twice.`, key.start);
}

/** What the value at a dotted key can be, in whichever variant. */
function typesAt(schema: QmpSchema, root: string, names: readonly string[]): SchemaType[] {
  let types = [root];
  for (const name of names) {
    types = types.flatMap((type) =>
      schema.alternativesOf(type).flatMap((each) => {
        if (each.kind === 'array') return each.element;
        if (each.kind !== 'object') return [];
        const variants = [...each.variants.values()].map((variant) => schema.type(variant));
        return [each, ...variants]
          .flatMap((object) => (object.kind === 'object' ? object.members : []))
          .flatMap((member) => (member.name === name ? member.type : []));
      }),
    );
  }
  return types.flatMap((type) => schema.alternativesOf(type));
}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function readValue({ text, start }: Span, types: readonly SchemaType[]): unknown {
  if (/^[[{"]/.test(text)) return parseJson(text, start);
  if (text.startsWith("'")) return text.slice(1, -1);
  const isText = (type: SchemaType) =>
    type.kind === 'enum' || (type.kind === 'builtin' && type.json === 'string');
  if (types.length > 0 && types.every(isText)) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return number.test(text) ? Number(text) : text;
}

/** @param start where the text lies in the line */
function parseJson(text: string, start: number): unknown {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error !== undefined) {
    const what = printParseErrorCode(error.error);
    throw new LineError(`This is no JSON (${what}).`, start + error.offset);
  }
  const value: unknown = JSON.parse(text);
  return value;
}
