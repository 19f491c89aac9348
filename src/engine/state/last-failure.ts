/** Why a domain's last migration came to nothing: kept until one goes well. */
import * as v from 'valibot';
import type { SidestepError } from '../errors';

const LastFailureSchema = v.object({
  /** µs since the Unix epoch, on the host's clock. */
  at: v.number(),
  code: v.string(),
  message: v.string(),
  hint: v.exactOptional(v.string()),
  /** The trace that holds all of it. */
  trace: v.exactOptional(v.string()),
});
export type LastFailure = v.InferOutput<typeof LastFailureSchema>;

/** That its user ended it, or left it to QEMU. */
const noFailures: ReadonlySet<string> = new Set(['CANCELLED', 'LEFT_TO_QEMU']);

/** @returns undefined for one that is none */
export function lastFailureOf(
  { code, message, details: { hint, findings = [] } }: SidestepError,
  at: number,
  trace: string,
): LastFailure | undefined {
  if (noFailures.has(code)) return undefined;
  const [first] = findings;
  return {
    at,
    // What was refused for one reason is told by it.
    code: findings.length === 1 && first !== undefined ? first.code : code,
    message,
    ...(hint !== undefined && { hint }),
    trace,
  };
}

/** What is damaged, or of another version, is as if it were not there. */
export function parseLastFailure(data: Buffer): LastFailure | undefined {
  try {
    const { success, output } = v.safeParse(LastFailureSchema, JSON.parse(data.toString()));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}
