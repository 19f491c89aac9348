export type HostErrorCode =
  | 'NO_SUCH_FILE'
  | 'NOT_LISTENING'
  | 'PERMISSION_DENIED'
  | 'EXISTS'
  | 'NO_SPACE'
  | 'NOT_A_PROGRAM'
  | 'PROCESS_GONE'
  | 'TIMEOUT'
  | 'CANCELLED'
  /** The connection to the host is gone; what runs there runs on. */
  | 'DISCONNECTED'
  | 'IO';

/** What a host could not do. The message is a sentence a user can read. */
export class HostError extends Error {
  override readonly name = 'HostError';
  constructor(
    readonly code: HostErrorCode,
    message: string,
    /** The path or program it is about. */
    readonly subject?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
