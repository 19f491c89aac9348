/** The configuration of a host, as `ssh` itself resolves it. */
import { join } from 'node:path';
import { HostError } from '../../errors';
import type { RunResult } from '../../host';
import { runProgram } from '../../local/run';
import type { Destination } from './destination';
import { allAuthentications, defaults, type HostConfig } from './host-config';
import { defaultAgent, parseSshG } from './ssh-g';
import { surroundings, type Surroundings } from './surroundings';

export interface ResolveOptions {
  readonly signal: AbortSignal;
  /** Instead of the user's and the system's configuration: ssh's `-F`. */
  readonly configFile?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Told once what could not be done as OpenSSH does it. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** `ssh`, if not given. */
  readonly sshProgram?: string | undefined;
}

/** The program is local, but `Match exec` runs what the user has written. */
const timeoutMs = 20_000;

/** @throws HostError `SSH_CONFIG`, `CANCELLED` */
export async function resolveHost(
  { host, user, port }: Destination,
  options: ResolveOptions,
): Promise<HostConfig> {
  const local = surroundings(options.env);
  const { sshProgram = 'ssh', configFile } = options;
  const argv = [
    sshProgram,
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['-G', '--', host],
  ];
  let result: RunResult;
  try {
    result = await runProgram(argv, { timeoutMs }, options.signal);
  } catch (error) {
    if (!(error instanceof HostError) || error.code === 'CANCELLED') throw error;
    options.onNotice?.(
      `The program ssh cannot be run, so your SSH configuration is not read (${error.message}) ${host} is taken as an address. Install the OpenSSH client to use the names and settings of ~/.ssh/config.`,
    );
    return unconfigured({ host, ...(user && { user }), ...(port && { port }) }, local);
  }
  if (result.status === 0) return parseSshG(result.stdout.toString(), host, local);
  const said = result.stderr.toString().trim().replaceAll(/\s*\n/g, '; ').replace(/\.$/, '');
  const message = `The SSH configuration for ${host} cannot be read: ${said}. Correct it; \`ssh -G ${host}\` says whether it is right.`;
  throw new HostError('SSH_CONFIG', message, host);
}

/** What OpenSSH does where nothing is configured. */
export function unconfigured(
  { host, user = '', port = 22 }: Destination,
  local: Surroundings,
): HostConfig {
  const own = (name: string): string => join(local.home, '.ssh', name);
  return {
    host,
    hostName: host,
    user: user === '' ? local.user : user,
    port,
    addressFamily: 'any',
    proxyJump: [],
    proxyCommand: undefined,
    connectTimeoutMs: defaults.connectTimeoutMs,
    hostKeyAlias: undefined,
    strictHostKeyChecking: 'ask',
    userKnownHostsFiles: [own('known_hosts'), own('known_hosts2')],
    globalKnownHostsFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    hashKnownHosts: false,
    hostKeyAlgorithms: [],
    authentications: allAuthentications,
    numberOfPasswordPrompts: 3,
    batchMode: false,
    identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map(own),
    identitiesOnly: false,
    identityAgent: defaultAgent(local),
    serverAliveIntervalMs: defaults.serverAliveIntervalMs,
    serverAliveCountMax: defaults.serverAliveCountMax,
  };
}
