import { CommandLineError } from './errors';
import { shellTokens, type Word } from './shell-words';

/** A program as it is to be started. */
export interface LaunchCommand {
  readonly environment: Readonly<Record<string, string>>;
  readonly program: string;
  readonly arguments: readonly string[];
}

/** One simple command of a script, still in words. */
interface SimpleCommand {
  readonly assignments: readonly Word[];
  readonly program: Word;
  readonly arguments: readonly Word[];
}

const reservedWords: ReadonlySet<string> = new Set(
  'if then elif else fi while until do done time ! { }'.split(' '),
);
/** Programs and builtins that start the command that follows them. */
const prefixes: ReadonlySet<string> = new Set(['exec', 'env', 'nohup', 'setsid', 'sudo']);
/** What carries QEMU's name and runs no VM. */
const qemuTool = /^qemu-(?:img|io|nbd|ga|pr-helper|storage-daemon|edid|bridge-helper|keymap|trace)/;
const assignment = /^([A-Za-z_]\w*)=/;
/** The script's own arguments, of which a text has none. */
const ownArguments: ReadonlySet<string> = new Set(['$@', '"$@"', '$*', '"$*"', '"${@}"', '"${*}"']);
/** How libvirt's log of a domain heads each start. */
const libvirtStart = /^\d{4}-\d\d-\d\d[ T][\d:.]+(?:Z|[+-]\d\d:?\d\d)?: starting up\b.*(?:\n|$)/gm;

/**
 * The command in a shell script, in a command line copied from a terminal or in libvirt's log of a
 * domain, of which the last start counts. Of several commands it is the one that runs a QEMU.
 * Nothing is executed and nothing expanded. Redirections, `&`, `"$@"` and leading `exec`, `env`,
 * `nohup`, `setsid` and `sudo` are left out.
 * @throws CommandLineError `UNEXPANDED`, `TRUNCATED`, `NO_COMMAND`, `AMBIGUOUS_COMMAND`,
 *   `UNSUPPORTED_SHELL`, with the line
 */
export function parseLaunchScript(text: string): LaunchCommand {
  const start = [...text.matchAll(libvirtStart)].at(-1);
  // What follows the command in a log is no shell script.
  const command =
    start === undefined
      ? onlyQemu([...simpleCommands(text)])
      : simpleCommands(text, start.index + start[0].length).next().value;
  if (command === undefined) {
    throw new CommandLineError('NO_COMMAND', 'The text holds no command');
  }
  const words = [...command.assignments, command.program, ...command.arguments];
  for (const { expansion } of words) {
    if (expansion !== undefined) {
      const { text: name, line } = expansion;
      throw new CommandLineError(
        'UNEXPANDED',
        `Line ${line} leaves ${name} to the shell: write out what it stands for`,
        { line },
      );
    }
  }
  if (prefixes.has(command.program.raw)) {
    const { raw, line } = command.program;
    throw new CommandLineError(
      'UNSUPPORTED_SHELL',
      `Line ${line} gives ${raw} options of its own: leave ${raw} out`,
      { line },
    );
  }
  return {
    environment: Object.fromEntries(command.assignments.map(nameAndValue)),
    program: command.program.value,
    arguments: command.arguments.map((word) => word.value),
  };
}

/** Arguments as a shell takes them, in one line. */
export function quoteArguments(argv: readonly string[]): string {
  return argv
    .map((word, index) => {
      // A first word with `=` would be an assignment.
      const plain = index === 0 ? /^[\w@%+:,./-]+$/ : /^[\w@%+:,./=-]+$/;
      return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
    })
    .join(' ');
}

function onlyQemu(commands: readonly SimpleCommand[]): SimpleCommand | undefined {
  if (commands.length <= 1) return commands[0];
  const qemus = commands.filter(({ program }) => {
    const name = program.value.slice(program.value.lastIndexOf('/') + 1);
    return name.startsWith('qemu') && !qemuTool.test(name);
  });
  if (qemus.length === 1) return qemus[0];
  const among = (qemus.length === 0 ? commands : qemus)
    .map(({ program }) => `${program.value} (line ${program.line})`)
    .join(', ');
  throw new CommandLineError(
    'AMBIGUOUS_COMMAND',
    `The text holds ${qemus.length === 0 ? 'several commands and no' : 'more than one'} QEMU: ${among}`,
  );
}

function* simpleCommands(text: string, from = 0): Generator<SimpleCommand, undefined> {
  let words: Word[] = [];
  let redirected = false;
  for (const token of shellTokens(text, from)) {
    if (token.kind === 'word') {
      if (!redirected) words.push(token);
    } else if (token.kind === 'end') {
      const command = simpleCommand(words);
      if (command !== undefined) yield command;
      words = [];
    }
    redirected = token.kind === 'redirection';
  }
  const command = simpleCommand(words);
  if (command !== undefined) yield command;
  return undefined;
}

function simpleCommand(words: readonly Word[]): SimpleCommand | undefined {
  const assignments: Word[] = [];
  for (const [index, word] of words.entries()) {
    const following = words[index + 1];
    if (assignment.test(word.raw)) {
      assignments.push(word);
    } else if (
      !reservedWords.has(word.raw) &&
      !(prefixes.has(word.raw) && following?.value.startsWith('-') !== true)
    ) {
      const rest = words.slice(index + 1).filter(({ raw }) => !ownArguments.has(raw));
      return { assignments, program: word, arguments: rest };
    }
  }
  return undefined;
}

function nameAndValue(word: Word): [string, string] {
  const equals = word.value.indexOf('=');
  return [word.value.slice(0, equals), word.value.slice(equals + 1)];
}
