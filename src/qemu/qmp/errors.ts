/**
 * - `COMMAND_FAILED`: QEMU answered with an error
 * - `MONITOR_BUSY`: accepts a connection and never greets, as QEMU does while another client is on the monitor
 * - `NOT_QMP`: what arrived is no QMP
 * - `CLOSED`: the connection is gone, from whichever side
 * - `TIMEOUT`, `CANCELLED`: we stopped waiting; QEMU may still do what it was asked
 * - `NO_DESCRIPTORS`: this stream cannot carry file descriptors
 */
export type QmpErrorCode =
  | 'COMMAND_FAILED'
  | 'MONITOR_BUSY'
  | 'NOT_QMP'
  | 'CLOSED'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'NO_DESCRIPTORS';

export interface QmpErrorDetails {
  readonly cause?: unknown;
  readonly command?: string | undefined;
  readonly errorClass?: string;
  readonly desc?: string;
}

/** What a monitor did not do. The message is a sentence a user can read. */
export class QmpError extends Error {
  override readonly name = 'QmpError';
  /** The command it is about, if it is about one. */
  readonly command: string | undefined;
  /** With `COMMAND_FAILED`, QEMU's own class (`GenericError`, `CommandNotFound` ...) and words. */
  readonly errorClass: string | undefined;
  readonly desc: string | undefined;

  constructor(
    readonly code: QmpErrorCode,
    message: string,
    details: QmpErrorDetails = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.command = details.command;
    this.errorClass = details.errorClass;
    this.desc = details.desc;
  }

  /** Makes the stack that of whoever asked, in place of the handler that heard the answer. */
  from(callSite: CallSite): this {
    const frames = callSite.stack.slice(callSite.stack.indexOf('\n'));
    this.stack = `${this.name}: ${this.message}${frames}`;
    return this;
  }
}

/** A place in the code, kept for an error that may come of it. V8 renders the stack when it is read. */
export interface CallSite {
  readonly stack: string;
}

/** Where we are, for an error that may come later. */
export function callSite(): CallSite {
  const site = { stack: '' };
  Error.captureStackTrace(site, callSite);
  return site;
}
