/** An error with all its causes, for the log: one line each, QEMU's last words and the code with them. */
import { SidestepError } from '../engine/errors';

export function errorChain(error: unknown): string {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let each = error; each !== undefined && !seen.has(each); each = causeOf(each)) {
    seen.add(each);
    lines.push(`${lines.length === 0 ? '' : 'caused by '}${oneLine(each)}`);
    if (each instanceof SidestepError && each.details.output) {
      lines.push(
        ...each.details.output
          .trimEnd()
          .split('\n')
          .map((line) => `  | ${line}`),
      );
    }
  }
  return lines.join('\n');
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  return `${error.name}: ${error.message}${code}`;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
