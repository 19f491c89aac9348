/** Errors as the users of the extension are told of them. */
import { asSidestepError, SidestepError } from '../engine/errors';
import type { Outcome } from '../engine/trace/record';
import { HostError, type FilePlace } from '../host/errors';
import { LibvirtError } from '../libvirt/errors';
import { CommandLineError } from '../qemu/commandline/errors';
import { QmpError } from '../qemu/qmp/errors';

export interface UserError {
  /** What happened, and what to do about it. */
  readonly text: string;
  /** Stable: documented in docs/errors.md. */
  readonly code: string;
  /** The line of the launch script that it is about, from 1. */
  readonly line?: number | undefined;
  /** The line of known_hosts, from 1, that an SSH host is refused for. */
  readonly knownHosts?: FilePlace | undefined;
  /** The trace that holds all of it. */
  readonly trace?: string | undefined;
  /** Where the guest is after a migration that failed. */
  readonly outcome?: Outcome | undefined;
}

/** @param hintFor what to do about a code, in place of the error's own hint */
export function asUserError(
  error: unknown,
  hintFor: (code: string) => string | undefined = () => undefined,
): UserError {
  if (error instanceof CommandLineError) {
    return { text: `${error.message}.`, code: error.code, line: error.line };
  }
  if (error instanceof HostError) {
    const { message, code, place } = error;
    return { text: message, code, ...(place && { knownHosts: place }) };
  }
  if (error instanceof QmpError) return { text: `${error.message}.`, code: error.code };
  const { code, message, details } = asSidestepError(error);
  const { trace, outcome } = details;
  const isOurs = !(error instanceof SidestepError || error instanceof LibvirtError);
  const hint = isOurs ? undefined : (hintFor(code) ?? details.hint);
  return {
    text: [message, ...(hint === undefined ? [] : [hint])].join(' '),
    code: isOurs ? 'INTERNAL' : code,
    ...(trace !== undefined && { trace }),
    ...(outcome !== undefined && { outcome }),
  };
}

/** Whether it only says that the user has ended something. */
export function isCancellation(error: unknown): boolean {
  return (
    (error instanceof SidestepError || error instanceof HostError || error instanceof QmpError) &&
    error.code === 'CANCELLED'
  );
}
