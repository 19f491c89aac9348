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
  | 'IO'
  | SshErrorCode;

/** Why there is no SSH connection to a host. */
export type SshErrorCode =
  /** The configuration names no host, contradicts itself, or asks for what is not supported. */
  | 'SSH_CONFIG'
  /** Nobody answers at the address, or not in time. */
  | 'SSH_UNREACHABLE'
  /** Something answers, but no SSH session comes about with it. */
  | 'SSH_HANDSHAKE'
  | 'SSH_HOST_KEY_UNKNOWN'
  | 'SSH_HOST_KEY_CHANGED'
  | 'SSH_HOST_KEY_REVOKED'
  | 'SSH_AUTH_FAILED'
  /** The login shell runs no command of ours. */
  | 'SSH_SHELL'
  /** sshd limits the channels of a connection, and all that we may have are in use. */
  | 'SSH_CHANNELS'
  | 'NO_PYTHON'
  | 'SUDO_REFUSED';

export interface FilePlace {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** What a host could not do. The message is a sentence a user can read. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** The line that says so, on this machine. */
  readonly place: FilePlace | undefined;

  constructor(
    readonly code: HostErrorCode,
    message: string,
    /** The path or program it is about. */
    readonly subject?: string,
    options?: ErrorOptions & { readonly place?: FilePlace },
  ) {
    super(message, options);
    this.place = options?.place;
  }
}
