/** Reads a command's words by a table of its options and operands. */
import { UsageError } from './usage-error';

export interface OptionSpec {
  /** Name of the value it takes; an option without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** Why the command does nothing without it. */
  readonly required?: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

/** What was given for each option: its value, or whether a switch is there. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { readonly value: string }
    ? string | undefined
    : boolean;
};

/** How a command is typed. */
export interface Syntax<O extends Options> {
  readonly name: string;
  readonly options: O;
  /** `NAME` is required, `[NAME]` is not, `[NAME...]` stands for any number. */
  readonly operands: readonly string[];
  /** Name of what stands behind `--`, if that is no operand. */
  readonly rest?: string;
}

export interface Arguments<O extends Options> {
  readonly values: Values<O>;
  readonly operands: readonly string[];
  readonly rest: readonly string[];
}

export function usageOf({ name, options, operands, rest }: Syntax<Options>): string {
  const entries = Object.entries(options);
  const written = (all: typeof entries) =>
    all.map(([option, { value }]) =>
      value === undefined ? `--${option}` : `--${option} ${value}`,
    );
  return [
    'sidestep',
    name,
    ...written(entries.filter(([, { required }]) => required !== undefined)),
    ...operands,
    ...written(entries.filter(([, { required }]) => required === undefined)).map((o) => `[${o}]`),
    ...(rest === undefined ? [] : ['--', `${rest}...`]),
  ].join(' ');
}

/**
 * The words behind the command's name. Options may stand before, between and behind the operands,
 * up to `--`. Of an option given twice the last one counts.
 * @param usage told with each error
 * @throws UsageError
 */
export function parseArguments<O extends Options>(
  words: readonly string[],
  syntax: Syntax<O>,
  usage: string,
): Arguments<O> {
  const { name } = syntax;
  const fail = (message: string) => new UsageError(message, usage);
  const end = words.indexOf('--');
  const behind = end < 0 ? undefined : words.slice(end + 1);
  const operands: string[] = [];
  const given = new Map<string, string | true>();

  const before = (end < 0 ? words : words.slice(0, end)).values();
  for (const word of before) {
    if (!isOption(word)) {
      operands.push(word);
      continue;
    }
    const [, option = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const spec = isLong(word) ? optionOf(syntax.options, option) : undefined;
    if (spec === undefined) {
      const hint = syntax.rest === undefined ? '' : `; ${syntax.rest} stand behind --`;
      throw fail(`${name} has no option ${word.split('=', 1)[0] ?? word}${hint}.`);
    }
    if (spec.value === undefined) {
      if (inline !== undefined) throw fail(`--${option} takes no value.`);
      given.set(option, true);
      continue;
    }
    const value = inline ?? before.next().value;
    if (value === undefined || value === '' || (inline === undefined && isLong(value))) {
      throw fail(`--${option} needs a value: --${option} ${spec.value}.`);
    }
    given.set(option, value);
  }
  if (syntax.rest === undefined) operands.push(...(behind ?? []));

  // `--help` asks for no more than that.
  if (!given.has('help')) {
    checkOperands(operands, syntax, fail);
    for (const [option, { required }] of Object.entries(syntax.options)) {
      if (required !== undefined && !given.has(option)) {
        throw fail(`${name} needs --${option}: ${required}.`);
      }
    }
    if (syntax.rest !== undefined && behind === undefined) {
      throw fail(`${name} needs ${syntax.rest} behind --.`);
    }
  }
  return {
    values: valuesOf(syntax.options, given),
    operands,
    rest: syntax.rest === undefined ? [] : (behind ?? []),
  };
}

/** The place of the first word that is neither an option nor the value of one; -1 if there is none. */
export function findOperand(words: readonly string[], options: Options): number {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!isOption(word)) return index;
    if (word === '--') return -1;
    if (optionOf(options, word.slice(2))?.value !== undefined) index++;
  }
  return -1;
}

/** A number of seconds, as ms. */
export function parseSeconds(option: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  // setTimeout's limit.
  if (seconds > 0 && seconds <= 2_147_483) return seconds * 1000;
  throw new UsageError(`--${option} takes a number of seconds above 0, not "${text}".`);
}

export function parseChoice<const Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${option} takes one of ${choices.join(', ')}, not "${text}".`);
}

function checkOperands(
  operands: readonly string[],
  { name, operands: names }: Syntax<Options>,
  fail: (message: string) => UsageError,
): void {
  const required = names.filter((operand) => !operand.startsWith('['));
  const missing = required[operands.length];
  if (missing !== undefined) throw fail(`${name} needs ${missing}.`);
  const isEndless = names.some((operand) => operand.endsWith('...]'));
  const extra = operands[names.length];
  if (extra !== undefined && !isEndless) {
    throw fail(`${name} does not know what to do with "${extra}".`);
  }
  if (operands.includes('')) throw fail(`${name} was given an empty argument.`);
}

function optionOf(options: Options, name: string): OptionSpec | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

function valuesOf<O extends Options>(
  options: O,
  given: ReadonlyMap<string, string | true>,
): Values<O> {
  const values = Object.entries(options).map(([name, { value }]) => [
    name,
    value === undefined ? given.has(name) : given.get(name),
  ]);
  // Each option has its entry, of the type its spec says.
  return Object.fromEntries(values) as Values<O>;
}

/** A lone `-` is an operand. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function isLong(word: string): boolean {
  return word.startsWith('--');
}
