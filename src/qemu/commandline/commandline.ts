import { CommandLineError } from './errors';
import { canonicalName, isKnownOption, takesValue } from './option-table';

export interface Option {
  /** Without dashes, and the one name of options that have two: `drive`, `machine` for `-M`. */
  readonly name: string;
  /** As written: `-drive`, `--drive`; empty for a disk image without an option (which is `-hda`). */
  readonly flag: string;
  readonly value: string | undefined;
}

/** `option('drive', 'file=a.img')` is `-drive file=a.img`. */
export function option(name: string, value?: string): Option {
  return { name: canonicalName(name), flag: `-${name}`, value };
}

/** The options a QEMU is started with, in their order, which matters to QEMU. Immutable. */
export class CommandLine {
  private constructor(readonly options: readonly Option[]) {}

  static of(options: readonly Option[]): CommandLine {
    return new CommandLine([...options]);
  }

  /**
   * Reads arguments, the program aside, as QEMU's `lookup_opt` does: `--` is as good as `-`, an
   * option that takes a value takes the next word whatever it looks like, and a word without a dash
   * is a disk image. An option that is not known is kept; it takes the next word unless that begins
   * with a dash.
   * @throws CommandLineError `MISSING_VALUE`
   */
  static parse(argv: readonly string[]): CommandLine {
    const options: Option[] = [];
    for (let index = 0; index < argv.length; index++) {
      const word = argv[index] ?? '';
      if (!word.startsWith('-')) {
        options.push({ name: 'hda', flag: '', value: word });
        continue;
      }
      const name = canonicalName(word.slice(word.startsWith('--') ? 2 : 1));
      const next = argv[index + 1];
      if (takesValue(name) && next === undefined) {
        throw new CommandLineError('MISSING_VALUE', `${word} needs a value, and is the last word`, {
          option: word,
        });
      }
      const hasValue = isKnownOption(name)
        ? takesValue(name)
        : next !== undefined && !next.startsWith('-');
      options.push({ name, flag: word, value: hasValue ? next : undefined });
      if (hasValue) index++;
    }
    return new CommandLine(options);
  }

  /** The arguments, exactly as they were read. */
  toArguments(): string[] {
    return this.options.flatMap(({ flag, value }) => [
      ...(flag === '' ? [] : [flag]),
      ...(value === undefined ? [] : [value]),
    ]);
  }
}
