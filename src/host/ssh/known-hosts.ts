/** known_hosts as text: its lines, and which of them are about a host (sshd(8), SSH_KNOWN_HOSTS). */
import { createHmac } from 'node:crypto';

export interface KnownHostsLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** Patterns with commas between them, or one hashed name. */
  readonly names: string;
  /** `ssh-ed25519` */
  readonly keyType: string;
  /** The public key in base64, as it is sent. */
  readonly key: string;
}

/** Lines that cannot be read are left out, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [, marker, names, keyType, key] =
      /^\s*(?:@(revoked|cert-authority)\s+)?([^\s#@]\S*)\s+([^\s\d]\S*)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(
        line,
      ) ?? [];
    if (names === undefined || keyType === undefined || key === undefined) return [];
    return [{ file, line: index + 1, marker: asMarker(marker), names, keyType, key }];
  });
}

function asMarker(text: string | undefined): KnownHostsLine['marker'] {
  return text === 'revoked' || text === 'cert-authority' ? text : undefined;
}

/** The name that known_hosts has for a host: with the port, unless it is SSH's own. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether a line is about the host of this name, as `knownHostsName` makes it. */
export function isAbout({ names }: KnownHostsLine, name: string): boolean {
  if (names.startsWith('|')) return isHashOf(names, name);
  let matches = false;
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!');
    if (!fits(name, negated ? pattern.slice(1) : pattern)) continue;
    // A name that is excluded is excluded by the whole line.
    if (negated) return false;
    matches = true;
  }
  return matches;
}

/**
 * `*` is any text, `?` any one character, all else stands for itself, whatever its case. A star that
 * took too little takes one more, and those before it are left as they are: no pattern takes long.
 */
function fits(text: string, pattern: string): boolean {
  const [name, wanted] = [text.toLowerCase(), pattern.toLowerCase()];
  let at = 0;
  let next = 0;
  let star = -1;
  let starEnd = 0;
  while (at < name.length) {
    if (wanted[next] === '*') {
      star = next++;
      starEnd = at;
    } else if (wanted[next] === '?' || wanted[next] === name[at]) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++starEnd;
    } else return false;
  }
  while (wanted[next] === '*') next++;
  return next === wanted.length;
}

/** `|1|SALT|HASH`: the name's HMAC-SHA1 under the salt. */
function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash] = hashed.split('|');
  return version === '1' && hmac(name, Buffer.from(salt, 'base64')) === hash;
}

export function hashName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${hmac(name, salt)}`;
}

function hmac(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}
