import {
  applyEdits,
  findNodeAtLocation,
  getNodePath,
  modify,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { CommandLineError } from './errors';
import { onOff, type Property, type PropertyText } from './property-text';
import { doubleQuoted } from './single-quoted-json';

/** A member of the object or of what lies in it, by its dotted key. */
interface Member {
  readonly key: string;
  readonly node: Node;
}

/** `MAX_NESTING` of QEMU's json-parser.c. */
const deepest = 1024;
const stringOrBracket = /"(?:[^"\\]|\\.)*(?:"|\\?$)|[[\]{}]/gs;
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A JSON object, read as QEMU's qobject/json-parser.c does: strings may stand in single quotes. */
export class JsonText implements PropertyText {
  private readonly members: readonly Member[];

  private constructor(
    /** As it was read. */
    private readonly written: string,
    /** The same in double quotes, which is what is edited. */
    private readonly text: string,
    private readonly root: Node,
  ) {
    this.members = [...membersOf(root)];
  }

  /** @throws CommandLineError `MALFORMED_JSON`, with the offset */
  static parse(written: string): JsonText {
    const { text, toWritten } = doubleQuoted(written);
    const malformed = (what: string, offset: number) => {
      const at = toWritten(offset);
      return new CommandLineError(
        'MALFORMED_JSON',
        `Malformed JSON (${what}) at offset ${at}: ${written.slice(at, at + 20)}`,
        { offset: at },
      );
    };
    const tooDeep = offsetOfTooDeep(text);
    if (tooDeep !== undefined) throw malformed('TooDeep', tooDeep);
    const errors: ParseError[] = [];
    const root = parseTree(text, errors, { disallowComments: true });
    const error = errors[0];
    if (error !== undefined) throw malformed(printParseErrorCode(error.error), error.offset);
    if (root === undefined || root.type !== 'object') throw malformed('NoObject', 0);
    const duplicate = duplicateKey(root);
    if (duplicate !== undefined) throw malformed('DuplicateKey', duplicate.offset);
    return new JsonText(written, text, root);
  }

  entries(): readonly Property[] {
    return this.members
      .filter(({ node }) => isLeaf(node))
      .map(({ key, node }) => ({ key, value: this.read(node) }));
  }

  getAll(key: string): readonly string[] {
    const node = this.find(key);
    if (node === undefined) return [];
    const items = node.type === 'array' ? (node.children ?? []) : [node];
    return items
      .map((item) => (item.type === 'object' ? findNodeAtLocation(item, ['str']) : item))
      .filter((item) => item !== undefined)
      .filter(isLeaf)
      .map((item) => this.read(item));
  }

  has(key: string): boolean {
    return this.find(key) !== undefined;
  }

  set(key: string, value: string | boolean): JsonText {
    const old = this.find(key);
    if (old === undefined) return this.insert(key, value);
    const json = encode(value, old);
    if (isLeaf(old) && encode(this.read(old), old) === json) return this;
    return JsonText.parse(
      this.text.slice(0, old.offset) + json + this.text.slice(old.offset + old.length),
    );
  }

  remove(key: string): JsonText {
    const node = this.find(key);
    if (node === undefined) return this;
    return JsonText.parse(
      applyEdits(this.text, modify(this.text, getNodePath(node), undefined, {})),
    );
  }

  toString(): string {
    return this.written;
  }

  private insert(key: string, value: string | boolean): JsonText {
    const path: (string | number)[] = [];
    let parent: Node | undefined = this.root;
    for (const name of key.split('.')) {
      if (parent !== undefined && !canHold(parent, name)) {
        throw new CommandLineError('BAD_KEY', `'${key}' does not fit into ${this.written}`);
      }
      path.push(parent?.type === 'array' ? Number(name) : name);
      parent = parent && findNodeAtLocation(this.root, path);
    }
    return JsonText.parse(applyEdits(this.text, modify(this.text, path, value, {})));
  }

  private find(key: string): Node | undefined {
    return this.members.findLast((member) => member.key === key)?.node;
  }

  private source(node: Node): string {
    return this.text.slice(node.offset, node.offset + node.length);
  }

  private read(leaf: Node): string {
    const value: unknown = leaf.value;
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean') return onOff(value);
    // Null is what QEMU's key=value syntax writes as an empty value.
    if (value === null) return '';
    // A 64-bit number does not fit into a double.
    return this.source(leaf);
  }
}

function offsetOfTooDeep(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(stringOrBracket)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > deepest) return index;
  }
  return undefined;
}

/** The new value in the type of the old one, where it has that type. */
function encode(value: string | boolean, old: Node): string {
  const text = typeof value === 'boolean' ? onOff(value) : value;
  if (old.type === 'string') return JSON.stringify(text);
  if (old.type === 'number' && jsonNumber.test(text)) return text;
  if (old.type === 'boolean' && (text === 'on' || text === 'off')) return String(text === 'on');
  return JSON.stringify(value);
}

function isLeaf(node: Node): boolean {
  return node.type !== 'object' && node.type !== 'array';
}

function canHold(parent: Node, name: string): boolean {
  if (parent.type === 'array') {
    const length = parent.children?.length ?? 0;
    return /^\d+$/.test(name) && Number(name) <= length;
  }
  return parent.type === 'object';
}

/** Every value below a node with its dotted key; the items of an array are numbered. */
function* membersOf(parent: Node, prefix = ''): Generator<Member> {
  for (const [index, child] of (parent.children ?? []).entries()) {
    const [name, value] = parent.type === 'object' ? propertyOf(child) : [String(index), child];
    const key = prefix + name;
    yield { key, node: value };
    yield* membersOf(value, `${key}.`);
  }
}

function propertyOf(property: Node): [string, Node] {
  const [name, value] = property.children ?? [];
  return [String(name?.value), value ?? property];
}

function duplicateKey(node: Node): Node | undefined {
  const children = node.children ?? [];
  if (node.type === 'object') {
    const seen = new Set<string>();
    for (const child of children) {
      const [name] = propertyOf(child);
      if (seen.has(name)) return child;
      seen.add(name);
    }
  }
  for (const child of children) {
    const duplicate = duplicateKey(child);
    if (duplicate !== undefined) return duplicate;
  }
  return undefined;
}
