/** Reads what `ssh -G` prints: the configuration of one host, a keyword and its value on each line. */
import { HostError } from '../../errors';
import { parseDestination, type Destination } from './destination';
import { expandPath, expandTokens, type Tokens } from './expand';
import {
  allAuthentications,
  defaults,
  type Authentication,
  type HostConfig,
  type StrictHostKeyChecking,
} from './host-config';
import type { Surroundings } from './surroundings';

/**
 * @param host as the user named it
 * @throws HostError `SSH_CONFIG` for what cannot be carried out
 */
export function parseSshG(output: string, host: string, local: Surroundings): HostConfig {
  const all = keywords(output);
  const one = (keyword: string): string | undefined => all.get(keyword)?.[0];
  const isYes = (keyword: string): boolean => ['yes', 'true'].includes(one(keyword) ?? '');
  const isNo = (keyword: string): boolean => ['no', 'false'].includes(one(keyword) ?? '');

  const hostName = one('hostname') ?? host;
  const user = one('user') ?? local.user;
  const port = Number(one('port') ?? 22);
  const hostKeyAlias = one('hostkeyalias');
  const tokens: Tokens = { host, hostName, user, port, hostKeyAlias };
  const paths = (list: readonly string[]): string[] =>
    list.filter((path) => path !== 'none').map((path) => expandPath(path, tokens, local));
  const proxyCommand = notNone(one('proxycommand'));
  if (proxyCommand !== undefined && isYes('proxyusefdpass')) {
    const message = `${host} is reached through a ProxyCommand with ProxyUseFdpass, which is not supported. Use a ProxyCommand that passes the data, or ProxyJump.`;
    throw new HostError('SSH_CONFIG', message, host);
  }
  return {
    host,
    hostName,
    user,
    port,
    addressFamily: addressFamily(one('addressfamily')),
    proxyJump: jumps(notNone(one('proxyjump')), host),
    proxyCommand: proxyCommand && expandTokens(proxyCommand, tokens, local),
    connectTimeoutMs: seconds(one('connecttimeout')) ?? defaults.connectTimeoutMs,
    hostKeyAlias,
    strictHostKeyChecking: strictness(one('stricthostkeychecking')),
    userKnownHostsFiles: paths(splitPaths(one('userknownhostsfile'))),
    globalKnownHostsFiles: paths(splitPaths(one('globalknownhostsfile'))),
    hashKnownHosts: isYes('hashknownhosts'),
    hostKeyAlgorithms: one('hostkeyalgorithms')?.split(',') ?? [],
    authentications: preferred(one('preferredauthentications')).filter(
      (method) => !isNo(switchOf[method]),
    ),
    numberOfPasswordPrompts: Number(one('numberofpasswordprompts') ?? 3),
    batchMode: isYes('batchmode'),
    identityFiles: paths(all.get('identityfile') ?? []),
    identitiesOnly: isYes('identitiesonly'),
    identityAgent: agentSocket(one('identityagent'), tokens, local),
    serverAliveIntervalMs: seconds(one('serveraliveinterval')) ?? defaults.serverAliveIntervalMs,
    serverAliveCountMax: Number(one('serveralivecountmax') ?? defaults.serverAliveCountMax),
  };
}

function keywords(output: string): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const [, keyword, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (keyword === undefined || value === undefined) continue;
    const known = all.get(keyword);
    if (known === undefined) all.set(keyword, [value]);
    else known.push(value);
  }
  return all;
}

function notNone(value: string | undefined): string | undefined {
  return value === 'none' ? undefined : value;
}

/** 0 and `none` are no wish. */
function seconds(value: string | undefined): number | undefined {
  const ms = Number(value) * 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

function addressFamily(value: string | undefined): HostConfig['addressFamily'] {
  return value === 'inet' || value === 'inet6' ? value : 'any';
}

function strictness(value: string | undefined): StrictHostKeyChecking {
  switch (value) {
    case 'yes':
    case 'true':
      return 'yes';
    case 'no':
    case 'off':
    case 'false':
      return 'no';
    case 'accept-new':
      return 'accept-new';
    default:
      return 'ask';
  }
}

/** The keyword that turns a method off. */
const switchOf: Readonly<Record<Authentication, string>> = {
  publickey: 'pubkeyauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  password: 'passwordauthentication',
};

function preferred(value: string | undefined): Authentication[] {
  const names = value?.split(',') ?? allAuthentications;
  return names.flatMap((name) => allAuthentications.filter((method) => method === name));
}

/** Several paths on one line, unquoted even where one holds a space: the next one starts anew. */
function splitPaths(value = ''): string[] {
  return value.split(/(?<!\s)\s+(?=[/~$%]|[A-Za-z]:|none$)/).filter((path) => path !== '');
}

function jumps(value: string | undefined, host: string): Destination[] {
  try {
    return value?.split(',').map(parseDestination) ?? [];
  } catch (error) {
    const message = `The ProxyJump of ${host} cannot be read: ${value ?? ''}.`;
    throw new HostError('SSH_CONFIG', message, host, { cause: error });
  }
}

/** The agent ssh would ask: that of the environment, unless the configuration names another. */
function agentSocket(
  value: string | undefined,
  tokens: Tokens,
  local: Surroundings,
): string | undefined {
  if (value === 'none') return undefined;
  if (value === undefined || value === 'SSH_AUTH_SOCK') return defaultAgent(local);
  const [, variable] = /^\$(\w+)$/.exec(value) ?? [];
  return variable === undefined ? expandPath(value, tokens, local) : local.env[variable];
}

export function defaultAgent({ env, platform }: Surroundings): string | undefined {
  const named = env['SSH_AUTH_SOCK'];
  if (named !== undefined && named !== '') return named;
  return platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined;
}
