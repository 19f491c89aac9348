/** QEMU that did not end by itself. */
import type { ProcessExit } from '../../host/process';
import type { Recogniser } from './diagnosis';

/** Signals by which the kernel ends a program that has a fault. */
const faults: ReadonlySet<string> = new Set([
  ...['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'],
]);

export const crashed: Recogniser = (evidence) => {
  const signal = signalOf(evidence.instance.exit);
  if (signal === undefined || !faults.has(signal)) return undefined;
  const { name, output } = evidence.instance;
  const words = lastLine(output);
  const { corePattern } = evidence.log;
  return {
    code: 'TARGET_CRASHED',
    message: `${name} crashed with ${signal}${words === '' ? '' : `; its last words: ${words}`}.`,
    hint: `That is a bug of this QEMU, or of its build: \`sidestep bundle\` packs what is needed to report it.${corePattern === undefined ? '' : ` ${coreHint(corePattern)}`}`,
  };
};

export const killed: Recogniser = ({ instance }) => {
  const signal = signalOf(instance.exit);
  if (signal === undefined) return undefined;
  return {
    code: 'TARGET_KILLED',
    message: `${instance.name} was killed by ${signal}: not by QEMU, nor by Sidestep.`,
    hint: 'Find out who ends processes there (an administrator, a service manager, a memory guard such as systemd-oomd), and try again.',
  };
};

/** Of signal(7), those that end a program; their numbers are the same on all that QEMU runs on. */
const numbers: Readonly<Record<number, string>> = {
  ...{
    1: 'SIGHUP',
    2: 'SIGINT',
    3: 'SIGQUIT',
    4: 'SIGILL',
    5: 'SIGTRAP',
    6: 'SIGABRT',
    7: 'SIGBUS',
  },
  ...{ 8: 'SIGFPE', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM', 31: 'SIGSYS' },
};

/** A shell that waits for what it wraps tells its signal by its own status: 128 and the number. */
function signalOf(exit: ProcessExit | undefined): string | undefined {
  if (exit?.status === undefined) return exit?.killedBy;
  return numbers[exit.status - 128];
}

/** core(5) */
function coreHint(pattern: string): string {
  if (pattern === '') return 'The host keeps no cores (kernel.core_pattern is empty).';
  if (!pattern.startsWith('|')) {
    return `If ulimit -c lets it, its core is in ${pattern.startsWith('/') ? pattern : `/${pattern}`} (kernel.core_pattern).`;
  }
  return pattern.includes('systemd-coredump')
    ? 'Its core is in `coredumpctl list`.'
    : `The host gives its core to ${pattern.slice(1).split(' ')[0] ?? ''} (kernel.core_pattern).`;
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
