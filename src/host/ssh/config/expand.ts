/** What ssh_config(5) lets stand for something else: `%h`, `~`, `${HOME}`. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Surroundings } from './surroundings';

/** What tokens stand for at one host. */
export interface Tokens {
  readonly host: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlias: string | undefined;
}

/** A token that is not known is left as it is. */
export function expandTokens(text: string, tokens: Tokens, local: Surroundings): string {
  const { hostName, port, user } = tokens;
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    C: createHash('sha1').update(`${local.localHost}${hostName}${port}${user}`).digest('hex'),
    d: local.home,
    h: hostName,
    i: String(local.uid),
    k: tokens.hostKeyAlias ?? tokens.host,
    L: local.localHost.split('.')[0] ?? '',
    l: local.localHost,
    n: tokens.host,
    p: String(port),
    r: user,
    u: local.user,
  };
  return text.replace(/%(.)/g, (token, letter: string) => values[letter] ?? token);
}

/** A path with its tokens, `${VARIABLES}` and `~` expanded. */
export function expandPath(path: string, tokens: Tokens, local: Surroundings): string {
  const expanded = expandTokens(path, tokens, local).replace(
    /\$\{(\w+)\}/g,
    (variable, name: string) => local.env[name] ?? variable,
  );
  return expandTilde(expanded, local);
}

export function expandTilde(path: string, { home }: Surroundings): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}
