/** A command of the command line: how it is typed, and what it does. */
import { parseArguments, usageOf, type Arguments, type Options, type Syntax } from './arguments';
import type { Context } from './context';
import type { ExitStatus } from './exit-status';
import { UsageError } from './usage-error';

/** Options of every command; they may also stand before its name. */
export const globalOptions = {
  host: {
    value: 'HOST',
    help: 'where the VMs run: "local", the default, a name of the SSH configuration, or ssh://user@host:port',
  },
  sudo: { help: 'act as root on a host behind SSH, by sudo -n' },
  'ssh-config': { value: 'FILE', help: 'read this SSH configuration instead, as ssh -F does' },
  'state-dir': {
    value: 'DIR',
    help: 'where the state lies, by default /run/sidestep for root, else $XDG_RUNTIME_DIR/sidestep',
  },
  json: { help: 'print one JSON document' },
  help: { help: 'say how the command is used' },
} satisfies Options;

type GlobalOptions = typeof globalOptions;

/** What a command has to say, for a program and for a reader. */
export interface Result {
  /** Printed with `--json`. */
  readonly document: unknown;
  /** Printed without; may be empty. */
  readonly text: string;
  readonly status?: ExitStatus;
}

export interface CommandSpec<O extends Options> extends Syntax<O> {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What else its `--help` says. */
  readonly help?: string;
  run(given: Arguments<O & GlobalOptions>, context: Context): Promise<Result>;
}

/** A command as the table of commands holds it, whatever its options. */
export interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly help: string;
  /** @throws UsageError */
  parse(words: readonly string[]): Invocation;
}

/** A command with its arguments, ready to be run. */
export interface Invocation {
  readonly globals: Arguments<GlobalOptions>['values'];
  run(context: Context): Promise<Result>;
}

export function defineCommand<const O extends Options>(spec: CommandSpec<O>): Command {
  const usage = usageOf(spec);
  const { name, operands, rest } = spec;
  const syntax: Syntax<O & GlobalOptions> = {
    name,
    options: { ...spec.options, ...globalOptions },
    operands,
    ...(rest !== undefined && { rest }),
  };
  return {
    summary: spec.summary,
    usage,
    help: helpText(usage, spec),
    parse(words) {
      const given = parseArguments(words, syntax, usage);
      return {
        globals: given.values,
        async run(context) {
          try {
            return await spec.run(given, context);
          } catch (error) {
            throw error instanceof UsageError ? new UsageError(error.message, usage) : error;
          }
        },
      };
    },
  };
}

function helpText(usage: string, { summary, help, options }: CommandSpec<Options>): string {
  return [
    `Usage: ${usage}`,
    `${summary}.`,
    ...(help === undefined ? [] : [help]),
    ...(Object.keys(options).length === 0 ? [] : [`Options\n${describeOptions(options)}`]),
    `Options of every command\n${describeOptions(globalOptions)}`,
  ].join('\n\n');
}

export function describeOptions(options: Options): string {
  const rows = Object.entries(options).map(
    ([name, { value, help }]) =>
      [value === undefined ? `--${name}` : `--${name} ${value}`, help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`).join('\n');
}
