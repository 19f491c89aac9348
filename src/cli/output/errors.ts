/** How an error is told: to a reader on stderr, to a program as a JSON document. */
import { asSidestepError, type SidestepErrorDetails } from '../../engine/errors';
import { UsageError } from '../usage-error';
import { printable, printableLines } from '../../engine/text/printable';
import type { Paint } from './terminal';

/** QEMU's last lines that are shown; the trace holds all of them. */
const outputLines = 10;

export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly instance?: number;
    readonly path?: string;
    readonly outcome?: string;
    readonly findings?: SidestepErrorDetails['findings'];
    readonly output?: string;
    readonly trace?: string;
    readonly cause?: undefined;
  };
}

export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof UsageError) {
    const { code, message, usage } = error;
    return { error: { code, message, ...(usage !== undefined && { hint: `Usage: ${usage}` }) } };
  }
  const { code, message, details } = asSidestepError(error);
  // The cause is for us, and not always one that JSON can hold.
  return { error: { code, message, ...details, cause: undefined } };
}

export function errorText(error: unknown, paint: Paint): string {
  const { code, message, hint, output, trace } = errorDocument(error).error;
  const isUsage = error instanceof UsageError;
  const lines = [
    `${paint('red', 'sidestep:')} ${printable(message)}${isUsage ? '' : ` [${code}]`}`,
    ...(hint === undefined ? [] : [printable(hint)]),
    ...(output === undefined || output === '' ? [] : ['QEMU said:', ...lastLines(output)]),
    ...(trace === undefined ? [] : [`Trace: ${printable(trace)}`]),
    ...(code === 'INTERNAL' ? ['This is a fault in Sidestep:', ...stackOf(error)] : []),
  ];
  return lines.join('\n');
}

function lastLines(output: string): string[] {
  return indent(printableLines(output).trim().split('\n').slice(-outputLines));
}

function stackOf(error: unknown): string[] {
  const cause = asSidestepError(error).cause ?? error;
  const stack = cause instanceof Error ? cause.stack : undefined;
  return indent(printableLines(stack ?? String(cause)).split('\n'));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
