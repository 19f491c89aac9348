/** Runs one command: reads its words, prints its result or its error, and tells the exit status. */
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { findOperand, parseArguments, type Values } from './arguments';
import { globalOptions, type Command } from './command';
import { commands } from './commands/table';
import { Context } from './context';
import { exitStatus, exitStatusOf, type ExitStatus } from './exit-status';
import { errorDocument, errorText } from './output/errors';
import { printJson } from '../engine/text/printable';
import type { HostChoice } from './open-host';
import type { Terminal } from './output/terminal';
import { UsageError } from './usage-error';

export const usage = 'sidestep [--host HOST] [--state-dir DIR] [--json] COMMAND';

/** Options that stand before the command's name. */
const leadingOptions = { ...globalOptions, version: { help: 'say which version this is' } };

/** @param words what was typed behind `sidestep` */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
  cwd: string,
): Promise<ExitStatus> {
  try {
    return await run(words, terminal, cwd);
  } catch (error) {
    if (asksForJson(words)) terminal.print(printJson(errorDocument(error)));
    else terminal.printError(errorText(error, terminal.paintError));
    return exitStatusOf(error);
  }
}

async function run(words: readonly string[], terminal: Terminal, cwd: string): Promise<ExitStatus> {
  const place = findOperand(words, leadingOptions);
  const leading = place < 0 ? words : words.slice(0, place);
  const syntax = { name: 'sidestep', options: leadingOptions, operands: [] };
  const { values } = parseArguments(leading, syntax, usage);
  if (values.version) {
    terminal.print(values.json ? printJson({ version }) : `sidestep ${version}`);
    return exitStatus.done;
  }
  const name = words[place];
  if (name !== undefined) {
    const command = await loadCommand(name);
    return runCommand(command, [...leading, ...words.slice(place + 1)], terminal, cwd);
  }
  if (!values.help) {
    throw new UsageError('No command was given; `sidestep help` lists them.', usage);
  }
  const others = leading.filter((word) => word !== '--help');
  return runCommand(await loadCommand('help'), others, terminal, cwd);
}

/** @throws UsageError if there is no such command */
export async function loadCommand(name: string): Promise<Command> {
  const load = commands.get(name);
  if (load !== undefined) return load();
  const known = [...commands.keys()].join(', ');
  throw new UsageError(`There is no command "${name}". There are: ${known}.`, usage);
}

async function runCommand(
  command: Command,
  words: readonly string[],
  terminal: Terminal,
  cwd: string,
): Promise<ExitStatus> {
  const invocation = command.parse(words);
  const { globals } = invocation;
  const context = new Context(terminal, cwd, hostOf(globals, cwd), globals['state-dir']);
  try {
    const { document, text, status } = globals.help
      ? { document: { help: command.help }, text: command.help, status: exitStatus.done }
      : await invocation.run(context);
    terminal.print(globals.json ? printJson(document) : text);
    return status ?? exitStatus.done;
  } finally {
    await context.dispose();
  }
}

function hostOf(globals: Values<typeof globalOptions>, cwd: string): HostChoice {
  const { host: name = 'local', sudo, 'ssh-config': sshConfig } = globals;
  if (name === 'local' && (sudo || sshConfig !== undefined)) {
    throw new UsageError('--sudo and --ssh-config are for a host behind SSH: --host HOST.', usage);
  }
  return { name, sudo, sshConfig: sshConfig && resolve(cwd, sshConfig) };
}

/** Asked of the words themselves: they may be no command, and the error is to be JSON all the same. */
function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).includes('--json');
}
