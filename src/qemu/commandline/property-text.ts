/** One property of an option's value, flattened: `{addr: {path: 'x'}}` in JSON is `addr.path`. */
export interface Property {
  readonly key: string;
  readonly value: string;
}

/** An option's value in one of the two syntaxes that QEMU reads. Immutable. */
export interface PropertyText {
  entries(): readonly Property[];
  getAll(key: string): readonly string[];
  has(key: string): boolean;
  set(key: string, value: string | boolean): PropertyText;
  remove(key: string): PropertyText;
  toString(): string;
}

export function onOff(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off';
}
