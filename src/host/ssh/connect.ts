/** From a name to an open connection, over as many hosts as lie in between. */
import type { Duplex } from 'node:stream';
import { HostError } from '../errors';
import { formatDestination, parseDestination, type Destination } from './config/destination';
import type { HostConfig } from './config/host-config';
import { resolveHost } from './config/resolve';
import type { SshConnection } from './connection';
import { neverPrompt, type SshPrompts } from './prompts';
import { connectTcp, startProxyCommand } from './transport';

export interface ConnectOptions {
  readonly prompts: SshPrompts;
  readonly signal?: AbortSignal;
  /** Instead of the user's and the system's configuration: ssh's `-F`. */
  readonly configFile?: string | undefined;
  /** Where `SSH_AUTH_SOCK` is looked up; the process's own environment if not given. */
  readonly env?: NodeJS.ProcessEnv;
  /** The program `ssh`, which resolves the configuration. */
  readonly sshProgram?: string;
  /** What a user may want to know: a server's banner (its words), a configuration that is not read. */
  readonly onNotice?: (notice: Notice) => void;
}

export interface Notice {
  readonly kind: 'banner' | 'configuration';
  /** As the user named the host. */
  readonly host: string;
  readonly text: string;
}

/** More hosts in a row are taken for a configuration that goes in a circle. */
const mostHops = 8;

/**
 * @param target a name of the SSH configuration, `user@host`, or `ssh://user@host:port`
 * @throws HostError `SSH_*`, `CANCELLED`
 */
export async function connectSsh(target: string, options: ConnectOptions): Promise<SshConnection> {
  const signal = options.signal ?? new AbortController().signal;
  return connectTo(parseDestination(target), undefined, { ...options, signal }, 1);
}

type Context = ConnectOptions & { readonly signal: AbortSignal };

/** @param jumps where to pass through, as a ProxyJump asks for it; undefined: as configured */
async function connectTo(
  destination: Destination,
  jumps: readonly Destination[] | undefined,
  context: Context,
  hop: number,
): Promise<SshConnection> {
  const { signal, onNotice, configFile, env, sshProgram } = context;
  const { host } = destination;
  if (hop > mostHops) {
    const message = `The ProxyJump of ${host} goes in a circle, or over more than ${mostHops} hosts. Correct the SSH configuration.`;
    throw new HostError('SSH_CONFIG', message, host);
  }
  const config = await resolveHost(destination, {
    signal,
    configFile,
    env,
    sshProgram,
    onNotice: (text) => onNotice?.({ kind: 'configuration', host, text }),
  });
  // Loaded when first needed: who has no host behind SSH does not pay for it.
  const { handshake } = await import('./handshake');
  const name = formatDestination(config.user, config.hostName, config.port);
  const carrier = await openCarrier(config, jumps ?? config.proxyJump, context, hop);
  try {
    return await handshake(carrier.stream, {
      config,
      destination: name,
      prompts: config.batchMode ? neverPrompt : context.prompts,
      signal,
      onBanner: (text) => onNotice?.({ kind: 'banner', host, text }),
      onClosed: () => {
        carrier.dispose();
      },
    });
  } catch (error) {
    carrier.dispose();
    throw error;
  }
}

/** What a connection runs on, and all that is below it. */
interface Carrier {
  readonly stream: Duplex;
  dispose(): void;
}

async function openCarrier(
  config: HostConfig,
  jumps: readonly Destination[],
  context: Context,
  hop: number,
): Promise<Carrier> {
  const last = jumps.at(-1);
  if (last !== undefined) return openThrough(config, last, jumps.slice(0, -1), context, hop);
  const { signal } = context;
  const stream =
    config.proxyCommand === undefined
      ? await connectTcp(config, signal)
      : startProxyCommand(config.proxyCommand);
  return {
    stream,
    dispose: () => stream.destroy(),
  };
}

async function openThrough(
  config: HostConfig,
  jump: Destination,
  before: readonly Destination[],
  context: Context,
  hop: number,
): Promise<Carrier> {
  // The first one is reached as its own configuration says, the others through those before them.
  const ways = before.length === 0 ? undefined : before;
  const connection = await connectTo(jump, ways, context, hop + 1);
  try {
    const stream = await connection.openTcp(config.hostName, config.port, context.signal);
    return {
      stream,
      dispose: () => {
        stream.destroy();
        connection.dispose();
      },
    };
  } catch (error) {
    connection.dispose();
    if (!(error instanceof HostError) || error.code === 'CANCELLED') throw error;
    const message = `Cannot reach ${config.hostName}:${config.port} through ${connection.destination}: ${error.message}`;
    throw new HostError('SSH_UNREACHABLE', message, config.host, { cause: error });
  }
}
