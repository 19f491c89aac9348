import type { Engine } from '../../engine/engine';
import { emulatorsOnPath } from '../../engine/emulators-on-path';
import { asSidestepError, type SidestepError } from '../../engine/errors';
import { defaultMachine, type Emulator } from '../../qemu/emulator';
import { defineCommand } from '../command';
import { exitStatus, exitStatusOf } from '../exit-status';
import { cancellable } from '../interrupt';
import { printable } from '../../engine/text/printable';
import { table } from '../output/table';

export const emulators = defineCommand({
  name: 'emulators',
  summary: 'Show what QEMU binaries are and can do',
  operands: ['[BIN...]'],
  options: {
    refresh: { help: 'ask the binaries again, also those that have not changed' },
  },
  help: `Without BIN those that the domains run on, and every qemu-system-* on the PATH. A binary is asked
by QMP and remembered until its size or its time of change is another.`,
  async run({ values, operands }, context) {
    const engine = await context.engine();
    const programs =
      operands.length > 0
        ? operands.map((program) => context.program(program))
        : await emulatorsOfHost(engine);
    if (values.refresh) await forgetAll(engine);
    const answers = await cancellable((signal) =>
      Promise.all(programs.map((program) => ask(engine, program, signal))),
    );
    const failure = operands.length > 0 ? answers.find(({ error }) => error)?.error : undefined;
    return {
      document: { emulators: answers.map(answerDocument) },
      text: answersText(answers),
      status: failure === undefined ? exitStatus.done : exitStatusOf(failure),
    };
  },
});

interface Answer {
  readonly program: string;
  readonly emulator?: Emulator;
  readonly error?: SidestepError;
}

async function ask(engine: Engine, program: string, signal: AbortSignal): Promise<Answer> {
  try {
    const path = await engine.emulators.locate(program, signal);
    const [emulator] = await engine.emulators.describe([path], signal);
    return { program, emulator };
  } catch (error) {
    return { program, error: asSidestepError(error) };
  }
}

async function emulatorsOfHost(engine: Engine): Promise<string[]> {
  const { tables } = await engine.state.read();
  const used = tables.instances.map(({ emulator }) => emulator);
  return [...new Set([...used, ...(await emulatorsOnPath(engine.host))])].sort();
}

async function forgetAll({ host, state }: Engine): Promise<void> {
  const path = state.emulatorFolder;
  await host.files([
    { op: 'remove', path },
    { op: 'mkdir', path },
  ]);
}

function answerDocument({ program, emulator, error }: Answer) {
  if (emulator === undefined) {
    return {
      path: program,
      error: { code: error?.code ?? 'INTERNAL', message: error?.message ?? '' },
    };
  }
  const { path, version, package: packaged, target, machines } = emulator;
  return {
    path,
    version,
    package: packaged,
    target,
    defaultMachine: defaultMachine(emulator)?.name ?? null,
    machines: machines.map(({ name, alias, deprecated }) => ({
      name,
      alias: alias ?? null,
      deprecated,
    })),
    ...abilities(emulator),
  };
}

/** What of it decides the mode of a migration. */
function abilities({ migrationCapabilities, migrationModes, options }: Emulator) {
  return {
    ignoreShared: migrationCapabilities.has('x-ignore-shared'),
    cprTransfer: migrationModes.has('cpr-transfer'),
    auxRamShare: options.get('machine')?.has('aux-ram-share') === true,
  };
}

function answersText(answers: readonly Answer[]): string {
  if (answers.length === 0)
    return 'No emulators: no domain runs, and no qemu-system-* is on the PATH.';
  const found = answers.flatMap(({ emulator }) => emulator ?? []);
  const failed = answers.flatMap(({ program, error }) =>
    error === undefined ? [] : [`${printable(program)}: ${printable(error.message)}`],
  );
  const yes = (can: boolean) => (can ? 'yes' : 'no');
  const listed = table(
    [
      { title: 'Version' },
      { title: 'Target' },
      { title: 'Machines', align: 'right' },
      { title: 'q35 is' },
      { title: 'ignore-shared' },
      { title: 'cpr-transfer' },
      { title: 'Emulator' },
    ],
    found.map((emulator) => {
      const { version, target, machines, path } = emulator;
      const { ignoreShared, cprTransfer } = abilities(emulator);
      const q35 = machines.find(({ alias }) => alias === 'q35');
      return [
        version,
        target,
        String(machines.length),
        q35?.name ?? '-',
        yes(ignoreShared),
        yes(cprTransfer),
        path,
      ];
    }),
  );
  return [listed, ...failed].filter((text) => text !== '').join('\n');
}
