/**
 * One SSH connection to a host, as the rest of `src/host` uses it. How it comes about (configuration,
 * jumps, host keys, authentication) is in the files beside this one.
 */
import type { Duplex } from 'node:stream';
import type { HostError } from '../errors';

/** A program that runs at the other end of a session channel. */
export interface SshProcess {
  /** Its standard input and output. */
  readonly stream: Duplex;
  readonly stderr: NodeJS.ReadableStream;
  /** Its exit status; undefined if a signal or the end of the connection ended it. Never rejects. */
  readonly exited: Promise<number | undefined>;
}

export interface SshConnection {
  /** As the user names it. */
  readonly name: string;
  /** As OpenSSH writes it: `user@host:port`. */
  readonly destination: string;

  /**
   * Runs a command line by the user's login shell, on a session channel of its own. Words must be
   * quoted by the caller. The signal cancels its start; a program that runs ends with its stream.
   * @throws HostError `DISCONNECTED`, `CANCELLED`, `IO`
   */
  exec(command: string, signal?: AbortSignal): Promise<SshProcess>;

  /**
   * Opens a stream to a unix socket of the host (`direct-streamlocal@openssh.com`).
   * @throws HostError `NOT_LISTENING` (OpenSSH answers the same whether nobody listens, we may not,
   *   or forwarding to sockets is forbidden altogether), `PERMISSION_DENIED` (where a server does say
   *   that forwarding is forbidden, as OpenSSH does for TCP), `DISCONNECTED`, `CANCELLED`
   */
  openUnix(path: string, signal?: AbortSignal): Promise<Duplex>;

  /** Opens a stream to a TCP address as the host sees it (`direct-tcpip`). Errors as of `openUnix`. */
  openTcp(host: string, port: number, signal?: AbortSignal): Promise<Duplex>;

  /**
   * Resolves with the reason once the connection is over, `dispose` included; never rejects. What is
   * open then ends with it: with that error if the connection was lost, plainly after `dispose`.
   */
  readonly closed: Promise<HostError>;

  dispose(): void;
}
