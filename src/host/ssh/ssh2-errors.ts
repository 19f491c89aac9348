/** What ssh2 says, as errors that a user can read. */
import { HostError } from '../errors';
import { errnoOf } from '../local/system-error';

/** RFC 4254, 5.1: why a channel was not opened. */
const administrativelyProhibited = 1;
const connectFailed = 2;

/** Why an open connection has ended. */
export function lossOf(error: unknown, destination: string): HostError {
  // What it ran over has ended: a jump host's connection, a ProxyCommand.
  const why = error instanceof HostError ? error.message : `${reason(error)}.`;
  const message = `The connection to ${destination} is lost: ${why} What runs there runs on.`;
  return new HostError('DISCONNECTED', message, destination, { cause: error });
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'the host closed it';
  if (levelOf(error) === 'client-timeout') return 'the host no longer answers';
  switch (errnoOf(error)) {
    case 'ECONNRESET':
    case 'EPIPE':
      return 'it was reset';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
      return 'the host cannot be reached any more';
    default:
      return error.message === 'Not connected' ? 'the host closed it' : error.message;
  }
}

/**
 * Why a channel could not be opened.
 * @param address what it was to lead to; undefined for a session
 */
export function channelError(
  error: Error,
  address: string | undefined,
  destination: string,
): HostError {
  if (error.message === 'No response from server') return lossOf(undefined, destination);
  const refusal = 'reason' in error ? error.reason : undefined;
  const options = { cause: error };
  const server = `The SSH server at ${destination}`;
  if (address === undefined) {
    const message = `${server} opens no further session (${error.message}). It may allow only so many: MaxSessions.`;
    return new HostError('IO', message, destination, options);
  }
  switch (refusal) {
    case administrativelyProhibited: {
      const message = `${server} does not let us open ${address}: forwarding is forbidden there.`;
      return new HostError('PERMISSION_DENIED', message, address, options);
    }
    case connectFailed: {
      const message = `${server} could not open ${address}: nobody listens there, or it may not.`;
      return new HostError('NOT_LISTENING', message, address, options);
    }
    default: {
      const message = `${server} could not open ${address}: ${error.message}.`;
      return new HostError('IO', message, address, options);
    }
  }
}

/** Where in ssh2 an error arose: `client-socket`, `client-timeout`, `handshake`, `agent` ... */
export function levelOf(error: unknown): string | undefined {
  return error instanceof Error && 'level' in error && typeof error.level === 'string'
    ? error.level
    : undefined;
}
