import { readFile } from 'node:fs/promises';
import { SidestepError } from '../../engine/errors';
import { describePlan } from '../../engine/plan/describe';
import type { Plan } from '../../engine/plan/plan';
import { parseLaunchScript } from '../../qemu/commandline/launch-script';
import { defineCommand } from '../command';
import type { Context } from '../context';
import { exitStatus } from '../exit-status';
import { printableLines } from '../../engine/text/printable';
import { UsageError } from '../usage-error';
import { modeOption, parseMode, targetOption } from './modes';

export const plan = defineCommand({
  name: 'plan',
  summary: 'Show what a migration would do, and do nothing',
  operands: ['[DOMAIN]'],
  options: {
    'argv-file': { value: 'FILE', help: 'plan for the QEMU command line in this file; - is stdin' },
    emulator: targetOption,
    mode: modeOption,
    connect: { value: 'URI', help: 'for a domain of this libvirt (qemu:///system)' },
    stay: { help: 'with --connect: it is not to come back to libvirt' },
  },
  help: `For a domain that runs, or for a command line in a file: a launch script or libvirt's log of a
domain, with shell quoting, continued lines and leading VAR=value words; that needs no process.
Ends with status 3 if something stands against the migration.`,
  async run({ values, operands: [domain] }, context) {
    const file = values['argv-file'];
    if ((domain === undefined) === (file === undefined)) {
      throw new UsageError('plan needs either a DOMAIN or --argv-file FILE.');
    }
    const mode = parseMode(values.mode);
    const emulator = values.emulator === undefined ? undefined : context.program(values.emulator);
    const { connect: uri, stay } = values;
    if (uri === undefined ? stay : domain === undefined) {
      throw new UsageError('--connect is for a DOMAIN, and --stay is with --connect.');
    }
    const made =
      domain === undefined
        ? await planFile(context, file ?? '', { emulator, mode })
        : uri === undefined
          ? await (await context.engine()).plan({ domain, emulator, mode })
          : await (await context.engine()).planUpgrade({ uri, domain }, { emulator, mode, stay });
    return {
      document: planDocument(made),
      text: printableLines(describePlan(made)).trimEnd(),
      status: made.blockers.length === 0 ? exitStatus.done : exitStatus.refused,
    };
  },
});

async function planFile(
  context: Context,
  file: string,
  how: Pick<Parameters<Awaited<ReturnType<Context['engine']>>['planText']>[0], 'emulator' | 'mode'>,
): Promise<Plan> {
  const command = parseLaunchScript(await readArgvFile(context, file));
  const engine = await context.engine();
  return engine.planText({
    command: { ...command, program: context.program(command.program) },
    cwd: context.folder,
    ...how,
  });
}

/** The file lies where the command is typed, whatever the host. */
async function readArgvFile(context: Context, file: string): Promise<string> {
  const path = file === '-' ? '/dev/stdin' : context.ownPath(file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SidestepError(
      'ARGV_FILE_UNREADABLE',
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      { path, hint: 'Give a file that holds a QEMU command line.', cause: error },
    );
  }
}

function planDocument(made: Plan) {
  const { arguments: args, resources, mode, fasterModes, blockers, warnings } = made;
  return {
    arguments: { source: args.source, target: args.target },
    resources: resources.map(({ source, target, ...rest }) => ({
      ...rest,
      source: source ?? null,
      target: target ?? null,
    })),
    mode,
    fasterModes,
    blockers,
    warnings,
  };
}
