/** An option's value as its properties, by the key that QEMU implies for that option. */
import type { Option } from './commandline';
import { CommandLineError } from './errors';
import { impliedKey } from './option-table';
import { Properties } from './properties';

/** @throws CommandLineError that names the option */
export function propertiesOf(option: Option): Properties {
  try {
    return Properties.parse(option.value ?? '', impliedKey(option.name));
  } catch (error) {
    if (!(error instanceof CommandLineError) || error.option !== undefined) throw error;
    throw new CommandLineError(
      error.code,
      `${option.flag} ${option.value ?? ''}: ${error.message}`,
      {
        option: option.flag,
        ...(error.offset !== undefined && { offset: error.offset }),
      },
    );
  }
}

/** The option with another value; itself if the value is the same. */
export function withValue(option: Option, value: Properties | string): Option {
  const text = value.toString();
  return text === option.value ? option : { ...option, value: text };
}
