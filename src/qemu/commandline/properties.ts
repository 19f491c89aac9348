import { JsonText } from './json-text';
import { KeyvalText } from './keyval';
import type { Property, PropertyText } from './property-text';

export { escapeValue } from './keyval';
export type { Property } from './property-text';

/**
 * The value of one option: key=value pairs or a JSON object. Immutable; it prints exactly what was
 * read for what was not changed.
 *
 * Keys are dotted where QEMU's are: `addr.path` is that key in key=value syntax, and the member
 * `path` of the member `addr` in JSON. JSON booleans read as `on` and `off`, numbers as they are
 * written, null as the empty string.
 */
export class Properties {
  private constructor(
    readonly syntax: 'keyval' | 'json',
    private readonly text: PropertyText,
  ) {}

  /**
   * @param impliedKey the key of a first value without `=`; see `impliedKey` of the option table
   * @throws CommandLineError `MALFORMED_JSON`, with the offset
   */
  static parse(text: string, impliedKey?: string): Properties {
    return /^\s*\{/.test(text)
      ? new Properties('json', JsonText.parse(text))
      : new Properties('keyval', KeyvalText.parse(text, impliedKey));
  }

  /** Of a key that is repeated, the last value, which is the one QEMU takes. */
  get(key: string): string | undefined {
    return this.text.entries().findLast((entry) => entry.key === key)?.value;
  }

  /**
   * Every value of a key that may be repeated, such as `hostfwd`; in JSON the items of an array,
   * be they strings or `{"str": "..."}`.
   */
  getAll(key: string): readonly string[] {
    return this.text.getAll(key);
  }

  /** True also for a JSON object or array, which has no value. */
  has(key: string): boolean {
    return this.text.has(key);
  }

  /**
   * A boolean in any of the spellings QEMU takes, short forms included: `key` is on, `nokey` is
   * off. Undefined without the key, and for anything else.
   */
  flag(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (['on', 'yes', 'true', 'y'].includes(value)) return true;
    if (['off', 'no', 'false', 'n'].includes(value)) return false;
    return undefined;
  }

  /**
   * Replaces the value that counts where it stands, or appends the key. In JSON a value keeps its
   * type where the new one has it; a new one is a string or a boolean, as it is given.
   * @throws CommandLineError `BAD_KEY` for a key the syntax cannot express, or below a JSON scalar
   */
  with(key: string, value: string | boolean): Properties {
    return this.changed(this.text.set(key, value));
  }

  /** Without any occurrence of the key. */
  without(key: string): Properties {
    return this.changed(this.text.remove(key));
  }

  /** All values, in their order. */
  entries(): readonly Property[] {
    return this.text.entries();
  }

  toString(): string {
    return this.text.toString();
  }

  private changed(text: PropertyText): Properties {
    return text === this.text ? this : new Properties(this.syntax, text);
  }
}
