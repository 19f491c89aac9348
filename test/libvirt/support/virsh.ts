/** libvirt's own commands, each a process of its own, as the tests' witness beside the code under test. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @returns standard output without the blank lines that virsh ends it with
 * @throws Error whose message has the command and what it wrote to standard error
 */
export function virsh(...args: readonly string[]): Promise<string> {
  return command('virsh', ['--quiet', ...args]);
}

export function virtAdmin(...args: readonly string[]): Promise<string> {
  return command('virt-admin', args);
}

export async function command(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 64 * 1024 ** 2 });
  return stdout.trimEnd();
}
