/** From a stream to an SSH server to a connection: the host verified, the user logged in. */
import type { Duplex } from 'node:stream';
import { Client } from 'ssh2';
import { HostError } from '../errors';
import { cancellation, onAbort } from '../local/cancellation';
import { Login } from './authenticate';
import { ClientConnection } from './client-connection';
import type { HostConfig } from './config/host-config';
import { Deadline } from './deadline';
import type { SshPrompts } from './prompts';
import { levelOf } from './ssh2-errors';
import { unreachable } from './transport';
import { HostKeyVerifier } from './verify-host-key';

export interface HandshakeOptions {
  readonly config: HostConfig;
  /** `user@host:port` */
  readonly destination: string;
  readonly prompts: SshPrompts;
  readonly signal: AbortSignal;
  /** What the server shows to those who log in; its own words. */
  readonly onBanner: (text: string) => void;
  /** Ends what carries the connection, once that is over. */
  readonly onClosed: () => void;
}

/**
 * @throws HostError `SSH_UNREACHABLE`, `SSH_HANDSHAKE`, `SSH_HOST_KEY_*`, `SSH_AUTH_FAILED`,
 *   `CANCELLED`. The stream is destroyed then.
 */
export async function handshake(
  stream: Duplex,
  options: HandshakeOptions,
): Promise<ClientConnection> {
  const { config, destination, signal } = options;
  // What carries it may fail before ssh2 listens: a ProxyCommand that ends at once.
  let failure: Error | undefined;
  stream.once('error', (error) => {
    failure = error;
  });
  let verifier: HostKeyVerifier;
  try {
    verifier = await HostKeyVerifier.for(config, destination, options.prompts);
    if (signal.aborted) throw cancellation(signal);
    if (stream.destroyed)
      throw failure ?? unreachable(config, 'the other side closed the connection');
  } catch (error) {
    stream.destroy();
    throw error;
  }
  const client = new Client();
  // As sockets do by themselves: an end of the other side is the end of both.
  stream.once('end', () => stream.destroy());
  return new Promise((resolve, reject) => {
    let over = false;
    let loggingIn = false;
    const finish = (): boolean => {
      if (over) return false;
      over = true;
      deadline.stop();
      forget();
      return true;
    };
    const fail = (error: unknown): void => {
      if (!finish()) return;
      client.on('error', () => undefined);
      client.destroy();
      stream.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const deadline = new Deadline(config.connectTimeoutMs, () => {
      fail(unreachable(config, `no answer within ${config.connectTimeoutMs / 1000} s`));
    });
    const prompts = withoutDeadline(options.prompts, deadline);
    const login = new Login({
      ...{ config, destination, prompts, signal, giveUp: fail },
      patiently: (work) => deadline.suspend(work),
    });
    const methods = login.methods();
    const forget = onAbort(signal, () => {
      fail(cancellation(signal));
    });

    client.on('banner', options.onBanner);
    client.on('handshake', () => {
      loggingIn = true;
    });
    client.on('change password', () => {
      const message = `The password of ${destination} has expired. Log in with \`ssh ${config.host}\` and set a new one.`;
      fail(new HostError('SSH_AUTH_FAILED', message, destination));
    });
    client.on('error', (error) => {
      // What becomes of a key's signature is the login's to tell.
      if (levelOf(error) === 'agent') return;
      if (error instanceof HostError) fail(error);
      else fail(loggingIn ? login.report(error) : handshakeError(error, config, destination));
    });
    client.once('close', () => {
      const closed = new Error('the server closed the connection');
      fail(loggingIn ? login.report(closed) : handshakeError(closed, config, destination));
    });
    client.once('ready', () => {
      if (!finish()) return;
      // At once: from now on it is for the connection to notice its end.
      resolve(new ClientConnection(config.host, destination, client, options.onClosed));
    });
    client.connect({
      sock: stream,
      username: config.user,
      // Ours is `deadline`, which leaves the user time.
      readyTimeout: 0,
      keepaliveInterval: config.serverAliveIntervalMs,
      keepaliveCountMax: config.serverAliveCountMax,
      algorithms: { serverHostKey: verifier.algorithms },
      hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => {
        deadline
          .suspend(() => verifier.verify(key, signal))
          .then(
            () => {
              verify(true);
            },
            (error: unknown) => {
              fail(error);
              // For a key exchange later on, whose failure ends the connection.
              verify(false);
            },
          );
      },
      authHandler: (left, _partial, next) => {
        methods.next(methodsLeft(left)).then((step) => {
          if (over) return;
          if (step.done) fail(login.report());
          else next(step.value);
        }, fail);
      },
    });
  });
}

/** Before the first attempt a server has not told any, whatever ssh2's types say. */
function methodsLeft(left: readonly string[] | null): readonly string[] {
  return left ?? [];
}

/** The same prompts; while one of them is open, time does not count. */
function withoutDeadline(prompts: SshPrompts, deadline: Deadline): SshPrompts {
  return {
    interactive: prompts.interactive,
    confirmHostKey: (...args) => deadline.suspend(() => prompts.confirmHostKey(...args)),
    askPassphrase: (...args) => deadline.suspend(() => prompts.askPassphrase(...args)),
    askPassword: (...args) => deadline.suspend(() => prompts.askPassword(...args)),
    answer: (...args) => deadline.suspend(() => prompts.answer(...args)),
  };
}

function handshakeError(error: Error, config: HostConfig, destination: string): HostError {
  const message = `No SSH session with ${destination}: ${error.message}. Check that an SSH server answers at ${config.hostName} port ${config.port}; \`ssh -v ${config.host}\` says more.`;
  return new HostError('SSH_HANDSHAKE', message, destination, { cause: error });
}
