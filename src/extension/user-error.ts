import { SidestepError } from '../engine/errors';
import { HostError } from '../host/errors';
import { CommandLineError } from '../qemu/commandline/errors';

/** An error as its user is told of it. */
export interface UserError {
  /** What happened, and what to do about it. */
  readonly text: string;
  /** The line of the launch script that it is about, from 1. */
  readonly line?: number | undefined;
}

/** @returns undefined for an error that is a fault of ours */
export function asUserError(error: unknown): UserError | undefined {
  if (error instanceof SidestepError) {
    const { hint } = error.details;
    return { text: hint === undefined ? error.message : `${error.message} ${hint}` };
  }
  if (error instanceof CommandLineError) return { text: `${error.message}.`, line: error.line };
  if (error instanceof HostError) return { text: error.message };
  return undefined;
}
