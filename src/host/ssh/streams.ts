import type { Duplex } from 'node:stream';
import { HostError } from '../errors';
import type { Endpoint } from '../host';
import { connectError, nameOf, requireFit } from '../local/connect';
import type { SshConnection } from './connection';
import { HelperError, type Helper } from './remote/helper';
import { relayCommand, type RelayProgram } from './remote/relay';
import { Nothing, Relays } from './remote/results';

/** sshd allows 10 sessions for a connection by default; one is the helper's, one is left free. */
const mostRelays = 8;

/** Opens streams to the host's sockets: by forwarding where that goes, else by programs there. */
export class Streams {
  readonly #connection: SshConnection;
  readonly #helper: Helper;
  readonly #sudo: boolean;
  /** What sshd has forbidden to forward. */
  readonly #forbidden = new Set<'unix' | 'tcp'>();
  #programs: Promise<readonly RelayProgram[]> | undefined;
  #relays = 0;

  constructor(connection: SshConnection, helper: Helper, sudo: boolean) {
    this.#connection = connection;
    this.#helper = helper;
    this.#sudo = sudo;
  }

  /** @throws HostError as `Host.connect`, `SSH_CHANNELS` */
  async open(endpoint: Endpoint, signal: AbortSignal): Promise<Duplex> {
    requireFit(endpoint);
    const kind = 'unix' in endpoint ? 'unix' : 'tcp';
    // What sshd opens, it opens as the user.
    if (this.#forbidden.has(kind) || (this.#sudo && kind === 'unix')) {
      await this.#probe(endpoint, signal);
      return this.#relay(endpoint, signal);
    }
    const first = await this.#forward(endpoint, signal);
    if (first) return first;
    // sshd does not tell why it could not.
    await this.#probe(endpoint, signal);
    // Somebody listens: either the queue was full a moment ago, or sshd may not.
    const second = this.#forbidden.has(kind) ? undefined : await this.#forward(endpoint, signal);
    if (second) return second;
    this.#forbidden.add(kind);
    return this.#relay(endpoint, signal);
  }

  /** Undefined if sshd could not, or may not. */
  async #forward(endpoint: Endpoint, signal: AbortSignal): Promise<Duplex | undefined> {
    try {
      return await ('unix' in endpoint
        ? this.#connection.openUnix(endpoint.unix, signal)
        : this.#connection.openTcp(endpoint.host, endpoint.port, signal));
    } catch (error) {
      const code = error instanceof HostError ? error.code : undefined;
      if (code === 'PERMISSION_DENIED') {
        this.#forbidden.add('unix' in endpoint ? 'unix' : 'tcp');
        return undefined;
      }
      if (code === 'NOT_LISTENING') return undefined;
      throw error;
    }
  }

  async #probe(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    try {
      await this.#helper.call('probe', { endpoint }, Nothing, { signal });
    } catch (error) {
      if (error instanceof HelperError) throw connectError(error, endpoint);
      throw error;
    }
  }

  async #relay(endpoint: Endpoint, signal: AbortSignal): Promise<Duplex> {
    if (this.#relays >= mostRelays) {
      const name = nameOf(endpoint);
      const message = `Cannot connect to ${name}: ${mostRelays} connections to ${this.#connection.destination} go through programs there already, and sshd allows no more. Allow forwarding in its configuration (AllowStreamLocalForwarding yes), or close a connection.`;
      throw new HostError('SSH_CHANNELS', message, name);
    }
    this.#relays++;
    try {
      this.#programs ??= this.#helper.call('relays', {}, Relays);
      const command = relayCommand(endpoint, await this.#programs, this.#sudo);
      const { stream, stderr } = await this.#connection.exec(command, signal);
      stderr.resume();
      return stream.once('close', () => this.#relays--);
    } catch (error) {
      this.#relays--;
      throw error;
    }
  }
}
