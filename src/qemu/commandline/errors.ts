/**
 * - `MISSING_VALUE`: an option that takes a value is the last word
 * - `MALFORMED_JSON`: a value that begins with `{` is no JSON object as QEMU reads it
 * - `BAD_KEY`: a key that the value's syntax cannot express
 * - `UNEXPANDED`: a launch script leaves something to the shell (`$VAR`, `$(...)`)
 * - `TRUNCATED`: a launch script ends within a quote or a continued line
 * - `NO_COMMAND`, `AMBIGUOUS_COMMAND`: a launch script starts nothing, or several things
 * - `UNSUPPORTED_SHELL`: a launch script uses syntax that is not read here
 */
export type CommandLineErrorCode =
  | 'MISSING_VALUE'
  | 'MALFORMED_JSON'
  | 'BAD_KEY'
  | 'UNEXPANDED'
  | 'TRUNCATED'
  | 'NO_COMMAND'
  | 'AMBIGUOUS_COMMAND'
  | 'UNSUPPORTED_SHELL';

/** Why a command line, the value of an option or a launch script cannot be read. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
  /** The option it is about, as written: `-drive`. */
  readonly option: string | undefined;
  /** Where in the text, in UTF-16 units from 0. */
  readonly offset: number | undefined;
  /** The line of the launch script, from 1. */
  readonly line: number | undefined;

  constructor(
    readonly code: CommandLineErrorCode,
    message: string,
    where: { option?: string; offset?: number; line?: number } = {},
  ) {
    super(message);
    this.option = where.option;
    this.offset = where.offset;
    this.line = where.line;
  }
}
