import { CommandLineError } from './errors';
import { onOff, type Property, type PropertyText } from './property-text';

/** A value as it is written in key=value syntax: a comma is doubled. */
export function escapeValue(value: string): string {
  return value.replaceAll(',', ',,');
}

/** What lies between two separating commas, as it was written and as QEMU understands it. */
interface Segment extends Property {
  readonly raw: string;
  /** `implied` is a first value without its key, `flag` a key without a value. */
  readonly form: 'pair' | 'implied' | 'flag';
}

const pairPattern = /([^=,]*)=((?:,,|[^,])*)/y;
const impliedPattern = /(?:,,|[^,])*/y;
const flagPattern = /[^=,]*/y;

/** Key=value syntax, read as `get_opt_name_value` of QEMU's util/qemu-option.c reads it. */
export class KeyvalText implements PropertyText {
  private constructor(
    private readonly segments: readonly Segment[],
    private readonly impliedKey: string | undefined,
  ) {}

  static parse(text: string, impliedKey?: string): KeyvalText {
    const segments: Segment[] = [];
    let at = 0;
    while (at < text.length) {
      const segment = segmentAt(text, at, at === 0 ? impliedKey : undefined);
      segments.push(segment);
      at += segment.raw.length + 1;
    }
    // The last segment ended before the end: on a comma.
    if (at > 0 && at === text.length) segments.push(flagSegment(''));
    return new KeyvalText(segments, impliedKey);
  }

  entries(): readonly Property[] {
    return this.segments.filter(isEntry).map(({ key, value }) => ({ key, value }));
  }

  getAll(key: string): readonly string[] {
    return this.entries()
      .filter((entry) => entry.key === key)
      .map((entry) => entry.value);
  }

  has(key: string): boolean {
    return this.getAll(key).length > 0;
  }

  set(key: string, value: string | boolean): KeyvalText {
    if (key === '' || /[=,]/.test(key)) {
      throw new CommandLineError('BAD_KEY', `'${key}' is no key in key=value syntax`);
    }
    const text = typeof value === 'boolean' ? onOff(value) : value;
    const index = this.segments.findLastIndex((segment) => isEntry(segment) && segment.key === key);
    const old = this.segments[index];
    if (old === undefined) return this.changed([...this.segments, pairSegment(key, text)]);
    if (old.value === text) return this;
    // A brace at the beginning would make it JSON.
    const keepsImplied = old.form === 'implied' && /^[^=,{\s][^=,]*$/.test(text);
    const segment: Segment = keepsImplied
      ? { raw: text, key, value: text, form: 'implied' }
      : pairSegment(key, text);
    return this.changed(this.segments.with(index, segment));
  }

  remove(key: string): KeyvalText {
    if (!this.has(key)) return this;
    return this.changed(this.segments.filter((segment) => segment.key !== key));
  }

  toString(): string {
    return this.segments.map((segment) => segment.raw).join(',');
  }

  private changed(segments: readonly Segment[]): KeyvalText {
    // An empty segment next to a value would make `,,`, which is an escaped comma.
    const [first, ...rest] = segments.filter(isEntry);
    if (first === undefined) return new KeyvalText([], this.impliedKey);
    // A flag that has become the first would be read as the implied key's value.
    const exposed = first.form === 'flag' && this.impliedKey !== undefined;
    return new KeyvalText(
      [exposed ? pairSegment(first.key, first.value) : first, ...rest],
      this.impliedKey,
    );
  }
}

function segmentAt(text: string, at: number, impliedKey: string | undefined): Segment {
  pairPattern.lastIndex = at;
  const pair = pairPattern.exec(text);
  if (pair !== null) {
    const [raw, key = '', value = ''] = pair;
    return { raw, key, value: unescapeValue(value), form: 'pair' };
  }
  const pattern = impliedKey === undefined ? flagPattern : impliedPattern;
  pattern.lastIndex = at;
  const raw = pattern.exec(text)?.[0] ?? '';
  if (impliedKey === undefined) return flagSegment(raw);
  return { raw, key: impliedKey, value: unescapeValue(raw), form: 'implied' };
}

function pairSegment(key: string, value: string): Segment {
  return { raw: `${key}=${escapeValue(value)}`, key, value, form: 'pair' };
}

function flagSegment(raw: string): Segment {
  return raw.startsWith('no')
    ? { raw, key: raw.slice(2), value: 'off', form: 'flag' }
    : { raw, key: raw, value: 'on', form: 'flag' };
}

/** What stands between two commas, or behind the last one, without being anything. */
function isEntry(segment: Segment): boolean {
  return segment.raw !== '';
}

function unescapeValue(text: string): string {
  return text.replaceAll(',,', ',');
}
