/** QEMUs on the host that nobody has yet, neither we nor libvirt: what can be adopted. */
import type { ProcessFacts } from '../../host/process';
import { CommandLine } from '../../qemu/commandline/commandline';
import { Properties } from '../../qemu/commandline/properties';
import { qmpMonitors } from '../domain/qmp-monitors';
import { splitProgram, type QemuProcess } from '../domain/qemu-process';
import { isLibvirts } from '../libvirt/libvirt-process';
import { definitionOf } from '../plan/start-arguments';
import type { StateFolder } from '../state/state-folder';

export interface RunningQemu {
  readonly pid: number;
  readonly uid: number;
  /** What `-name` says. */
  readonly name: string | undefined;
  readonly emulator: string;
  /** The whole command line, the program included. */
  readonly argv: readonly string[];
  /** Unix sockets on which it offers QMP. Without one it cannot be adopted. */
  readonly monitors: readonly string[];
  /** µs since the Unix epoch. */
  readonly startedAt: number;
}

/** In the order of their start; in two round trips. */
export async function findRunningQemus(
  state: StateFolder,
  signal?: AbortSignal,
): Promise<RunningQemu[]> {
  const { host } = state;
  const [{ tables }, [names]] = await Promise.all([
    state.read(),
    host.files([{ op: 'list', path: '/proc' }]),
  ]);
  signal?.throwIfAborted();
  const taken = new Set(
    tables.instances.map(({ process }) => `${process?.pid ?? 0} ${process?.startTime ?? 0}`),
  );
  const processes = await host.inspect(names.filter((name) => /^\d+$/.test(name)).map(Number));
  return processes
    .flatMap((facts) => {
      if (facts === undefined || taken.has(`${facts.pid} ${facts.startTime}`)) return [];
      return describe(facts) ?? [];
    })
    .sort((a, b) => a.startedAt - b.startedAt);
}

function describe(facts: ProcessFacts): RunningQemu | undefined {
  const qemu = systemEmulator(facts);
  if (qemu === undefined || isLibvirts(facts)) return undefined;
  const { emulator, args } = qemu;
  const { pid, uid, argv, startedAt, cwd } = facts;
  const found = { pid, uid, emulator, argv, startedAt };
  try {
    const definition = definitionOf(args, cwd ?? '/');
    const { options } = CommandLine.parse(definition);
    if (
      options.some(({ name, value }) => name === 'machine' && value?.startsWith('none') === true)
    ) {
      // One that is only asked what it can do.
      return undefined;
    }
    const name = options.findLast((option) => option.name === 'name')?.value;
    return {
      ...found,
      name: name === undefined ? undefined : Properties.parse(name, 'guest').get('guest'),
      monitors: qmpMonitors(definition).map(({ path }) => path),
    };
  } catch {
    // A command line that only its own QEMU can read: shown all the same.
    return { ...found, name: undefined, monitors: [] };
  }
}

/** A QEMU that runs a machine, by the name of its program; not `qemu-img` and the like. */
function systemEmulator(facts: ProcessFacts): QemuProcess | undefined {
  const programs = [...facts.argv.slice(0, loaderWords), facts.exe ?? ''];
  if (!programs.some((word) => /(^|\/)(qemu-system-|qemu-kvm|kvm$)/.test(word))) return undefined;
  try {
    return splitProgram(facts);
  } catch {
    return undefined;
  }
}

/** A program behind a dynamic loader comes after its options. */
const loaderWords = 12;
