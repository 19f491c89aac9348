/** Which words of a process's command line are QEMU's own. */
import type { ProcessFacts } from '../../host/process';
import { SidestepError } from '../errors';

export interface QemuProcess {
  /** What started it, to be started again. */
  readonly emulator: string;
  /** QEMU's arguments, the program aside. */
  readonly args: readonly string[];
}

/** Options of ld.so that take a word of their own (`ld.so --help`). */
const loaderOptionsWithValue = new Set([
  '--argv0',
  '--library-path',
  '--inhibit-rpath',
  '--audit',
  '--preload',
  '--glibc-hwcaps-prepend',
  '--glibc-hwcaps-mask',
]);

/**
 * A QEMU of another system runs through that system's dynamic loader, as wrapper scripts do:
 * `/lib64/ld-linux-x86-64.so.2 --argv0 NAME --library-path DIRS PROGRAM ARGUMENTS`.
 * @throws SidestepError `NOT_QEMU`
 */
export function splitProgram({
  pid,
  argv,
  exe,
}: Pick<ProcessFacts, 'pid' | 'argv' | 'exe'>): QemuProcess {
  const [program = '', ...args] = argv;
  if (/(^|\/)ld(-linux[^/]*|-[\d.]+)?\.so[^/]*$/.test(program)) return behindLoader(pid, args);
  if (!looksLikeQemu(program) && !looksLikeQemu(exe ?? '')) throw notQemu(pid, program);
  // After an upgrade of the package the running binary is "(deleted)" and the path names the new one.
  const path = exe?.replace(/ \(deleted\)$/, '');
  return { emulator: program.startsWith('/') ? program : (path ?? program), args };
}

function behindLoader(pid: number, args: readonly string[]): QemuProcess {
  let argv0: string | undefined;
  let index = 0;
  for (let word = args[index]; word?.startsWith('--') === true; word = args[index]) {
    if (word === '--argv0') argv0 = args[index + 1];
    index += loaderOptionsWithValue.has(word) ? 2 : 1;
  }
  const program = args[index];
  if (program === undefined || !looksLikeQemu(program)) throw notQemu(pid, program ?? 'ld.so');
  // The wrapper knows the loader and its libraries; the bare binary would not start.
  const emulator = argv0?.startsWith('/') === true ? argv0 : program;
  return { emulator, args: args.slice(index + 1) };
}

function looksLikeQemu(path: string): boolean {
  return /qemu/.test(path.split('/').at(-1) ?? '');
}

function notQemu(pid: number, program: string): SidestepError {
  return new SidestepError('NOT_QEMU', `Process ${pid} (${program}) is no QEMU.`);
}
