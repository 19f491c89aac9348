/** An error that a user sees: what happened, to which instance and path, and what to do. */
import type { ProcessExit } from '../host/process';
import type { Diagnosis } from './diagnosis/diagnosis';
import { LibvirtError } from '../libvirt/errors';
import type { Finding } from './plan/plan';
import type { Outcome } from './trace/record';

export interface SidestepErrorDetails {
  /** What the user can do about it. */
  readonly hint?: string;
  readonly instance?: number;
  readonly path?: string;
  /** Where the guest is after a migration that failed. */
  readonly outcome?: Outcome;
  /** Why a migration was refused. */
  readonly findings?: readonly Finding[];
  /** The trace that holds all of it. */
  readonly trace?: string;
  /** QEMU's last words. */
  readonly output?: string;
  /** How QEMU's process ended, where that is known. */
  readonly exit?: ProcessExit;
  readonly cause?: unknown;
}

export class SidestepError extends Error {
  override readonly name = 'SidestepError';

  constructor(
    /** Stable: documented in docs/errors.md, for scripts to tell one failure from another. */
    readonly code: string,
    message: string,
    readonly details: SidestepErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
  }

  /** The same failure, by its cause. */
  as({ code, message, hint }: Diagnosis): SidestepError {
    return new SidestepError(code, message, { ...this.details, hint, cause: this });
  }

  /** The same error, with where the guest is, in a sentence behind what to do about it. */
  withOutcome(outcome: Outcome, where: string): SidestepError {
    const { hint } = this.details;
    return this.with({ outcome, hint: hint === undefined ? where : `${hint} ${where}` });
  }

  /** The same error, with more known about it. */
  with(details: SidestepErrorDetails): SidestepError {
    return new SidestepError(this.code, this.message, { ...this.details, ...details });
  }
}

/** Any error as one a user can read. */
export function asSidestepError(error: unknown): SidestepError {
  if (error instanceof SidestepError) return error;
  if (error instanceof LibvirtError) {
    const { code, message, hint } = error;
    return new SidestepError(code, message, { ...(hint && { hint }), cause: error });
  }
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL';
    return new SidestepError(code, error.message, { cause: error });
  }
  return new SidestepError('INTERNAL', String(error), { cause: error });
}
