import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { HostError } from '../errors';
import { errnoOf, toHostError } from './system-error';

export interface SpawnSpec {
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export type Spawned = ChildProcess & { readonly pid: number };

/**
 * Starts a program in a session of its own. Once this resolves, execve(2) has succeeded, and the
 * child has not been reaped yet: whatever became of it, its pid is its own.
 * @throws HostError `NO_SUCH_FILE`, `PERMISSION_DENIED`, `NOT_A_PROGRAM`
 */
export async function spawnProgram(
  { argv, cwd, env }: SpawnSpec,
  stdio: StdioOptions,
): Promise<Spawned> {
  const [program, ...args] = argv;
  if (!program) throw namelessError();
  requireProgram(program, cwd);
  try {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio,
      detached: true,
    });
    if (hasStarted(child)) return child;
    await once(child, 'spawn'); // rejects with the child's error
    throw new Error('it has neither started nor failed');
  } catch (error) {
    // ENOENT is also what a missing working directory gives.
    throw startError(error, program, cwd !== undefined && !existsSync(cwd) ? cwd : undefined);
  }
}

function hasStarted(child: ChildProcess): child is Spawned {
  return child.pid !== undefined;
}

/**
 * The C library's execvp(3) hands a file that the kernel refuses (ENOEXEC) to /bin/sh, which would
 * read, say, a truncated download as a script. So a file must look like what the kernel takes.
 */
function requireProgram(program: string, cwd = '.'): void {
  if (!program.includes('/')) return;
  const start = Buffer.alloc(4);
  try {
    // Not to wait for a writer, should it be a pipe.
    const fd = openSync(resolve(cwd, program), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      readSync(fd, start);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not there, a folder, executable but not readable: execve says which.
    return;
  }
  const text = start.toString('latin1');
  if (text !== '\x7fELF' && !text.startsWith('#!')) {
    throw notAProgram(program);
  }
}

export function namelessError(): HostError {
  return new HostError('NO_SUCH_FILE', 'Cannot start a program without a name.');
}

/** @param missingFolder the working directory, if it is that which does not exist */
export function startError(error: unknown, program: string, missingFolder?: string): HostError {
  if (missingFolder !== undefined) {
    const message = `Cannot start ${program} in ${missingFolder}: no such file or directory.`;
    return new HostError('NO_SUCH_FILE', message, missingFolder, { cause: error });
  }
  if (errnoOf(error) === 'ENOEXEC') return notAProgram(program);
  return toHostError(error, `start ${program}`, program);
}

function notAProgram(program: string): HostError {
  const message = `Cannot start ${program}: it is neither an ELF program nor a script with a #! line.`;
  return new HostError('NOT_A_PROGRAM', message, program);
}
