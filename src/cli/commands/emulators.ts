import type { FoundEmulator } from '../../engine/emulators/catalog';
import { abilitiesOf } from '../../engine/emulators/found';
import type { Engine } from '../../engine/engine';
import { asSidestepError } from '../../engine/errors';
import { defaultMachine } from '../../qemu/emulator';
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
    if (values.refresh) await engine.emulators.forget();
    const programs = operands.map((program) => context.program(program));
    const answers = await cancellable((signal) =>
      programs.length > 0
        ? Promise.all(programs.map((program) => ask(engine, program, signal)))
        : engine.emulatorsFound(signal),
    );
    const failure = operands.length > 0 ? answers.find(({ error }) => error)?.error : undefined;
    return {
      document: { emulators: answers.map(answerDocument) },
      text: answersText(answers),
      status: failure === undefined ? exitStatus.done : exitStatusOf(failure),
    };
  },
});

async function ask(engine: Engine, program: string, signal: AbortSignal): Promise<FoundEmulator> {
  try {
    const path = await engine.emulators.locate(program, signal);
    const [emulator] = await engine.emulators.describe([path], signal);
    return { path: program, emulator };
  } catch (error) {
    return { path: program, error: asSidestepError(error) };
  }
}

function answerDocument({ path, emulator, error }: FoundEmulator) {
  if (emulator === undefined) {
    return { path, error: { code: error.code, message: error.message } };
  }
  const { version, package: packaged, target, machines } = emulator;
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
    ...abilitiesOf(emulator),
  };
}

function answersText(answers: readonly FoundEmulator[]): string {
  if (answers.length === 0)
    return 'No emulators: no domain runs, and no qemu-system-* is on the PATH.';
  const found = answers.flatMap(({ emulator }) => emulator ?? []);
  const failed = answers.flatMap(({ path, error }) =>
    error === undefined ? [] : [`${printable(path)}: ${printable(error.message)}`],
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
      const { ignoreShared, cprTransfer } = abilitiesOf(emulator);
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
