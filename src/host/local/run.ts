import { HostError } from '../errors';
import type { RunOptions, RunResult } from '../host';
import { cancellation, onAbort } from './cancellation';
import { spawnProgram, type Spawned } from './spawn';

/**
 * Runs a program to its end and to the end of its output.
 * @param descriptor given to the program as descriptor 3
 */
export async function runProgram(
  argv: readonly string[],
  { stdin, cwd, env, timeoutMs, onStdout }: RunOptions,
  signal: AbortSignal,
  descriptor?: number,
): Promise<RunResult> {
  if (signal.aborted) throw cancellation(signal);
  const child = await spawnProgram({ argv, cwd, env }, [
    stdin === undefined ? 'ignore' : 'pipe',
    'pipe',
    'pipe',
    ...(descriptor === undefined ? [] : [descriptor]),
  ]);
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', onStdout ?? ((data: Buffer) => stdout.push(data)));
    child.stderr?.on('data', (data: Buffer) => stderr.push(data));
    // A program may well end without having read its input (EPIPE).
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);

    const giveUp = (error: HostError): void => {
      killGroup(child);
      reject(error);
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            giveUp(timeoutError(argv, timeoutMs));
          }, timeoutMs);
    const forget = onAbort(signal, () => {
      giveUp(cancellation(signal));
    });
    child.once('close', (status, killedBy) => {
      clearTimeout(timer);
      forget();
      // After `giveUp` this comes too late to matter.
      resolve({
        status: status ?? undefined,
        killedBy: killedBy ?? undefined,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr),
      });
    });
  });
}

export function timeoutError([program = '']: readonly string[], timeoutMs: number): HostError {
  const message = `${program} did not end within ${timeoutMs} ms and was killed.`;
  return new HostError('TIMEOUT', message, program);
}

/** The program and what it started, and no more of its output. */
function killGroup(child: Spawned): void {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
  for (const stream of child.stdio) stream?.destroy();
}
