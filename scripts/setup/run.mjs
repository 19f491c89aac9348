import { spawnSync } from 'node:child_process';

/** What keeps set-up from going on, as sentences for its user. */
export class SetupError extends Error {}

const linesOfOutput = 20;

/**
 * Runs a command to its end and gives its standard output and standard error, as they came.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string; env?: Readonly<Record<string, string>> }} [options]
 * @throws {SetupError} with the command and the last lines of its output
 */
export function run(program, args, options = {}) {
  const { status, signal, error, stdout } = spawnSync(
    '/bin/sh',
    ['-c', 'exec "$@" 2>&1', 'sh', program, ...args],
    {
      cwd: options.cwd,
      // mke2fs and debootstrap are not on every user's PATH.
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...options.env },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  if (status === 0) return stdout;
  const end = error?.message ?? (signal === null ? `exit status ${status}` : `ended by ${signal}`);
  const lastLines = (stdout ?? '').trimEnd().split('\n').slice(-linesOfOutput);
  throw new SetupError(
    [`${[program, ...args].join(' ')}: ${end}`, ...lastLines.map((line) => `  ${line}`)].join('\n'),
  );
}
