/** Whether a host is the one we know: evidence in, decision out. */
import { createHash } from 'node:crypto';
import { isAbout, knownHostsName, type KnownHostsLine } from './known-hosts';

/** A public key as SSH sends it. */
export interface HostKey {
  /** `ssh-ed25519` */
  readonly type: string;
  readonly blob: Buffer;
}

export interface HostKeyEvidence {
  readonly offered: HostKey;
  readonly host: string;
  readonly port: number;
  /** Stands for host and port. */
  readonly hostKeyAlias: string | undefined;
  /** All lines of all files, the user's first. */
  readonly lines: readonly KnownHostsLine[];
}

export type HostKeyVerdict =
  | { readonly verdict: 'trusted' }
  | {
      readonly verdict: 'unknown';
      readonly fingerprint: string;
      /** Keys of other types that are known for the host. */
      readonly otherKeys: readonly KnownHostsLine[];
      /** The host is known by its certificate authority, and shows no key that is known. */
      readonly authority: KnownHostsLine | undefined;
    }
  | {
      readonly verdict: 'changed';
      readonly fingerprint: string;
      readonly knownFingerprint: string;
      readonly known: KnownHostsLine;
    }
  | {
      readonly verdict: 'revoked';
      readonly fingerprint: string;
      readonly revoked: KnownHostsLine;
    };

export function judgeHostKey(evidence: HostKeyEvidence): HostKeyVerdict {
  const { offered, hostKeyAlias, host, port } = evidence;
  const offeredKey = offered.blob.toString('base64');
  const fingerprint = fingerprintOf(offered.blob);
  const about = linesAbout(evidence);
  const isOffered = ({ key }: KnownHostsLine): boolean => key === offeredKey;

  const revoked = about.find((line) => line.marker === 'revoked' && isOffered(line));
  if (revoked !== undefined) return { verdict: 'revoked', fingerprint, revoked };

  const plain = about.filter(({ marker }) => marker === undefined);
  if (plain.some(isOffered)) return { verdict: 'trusted' };
  const known = plain.find(({ keyType }) => keyType === offered.type);
  if (known !== undefined) {
    const knownFingerprint = fingerprintOf(Buffer.from(known.key, 'base64'));
    return { verdict: 'changed', fingerprint, knownFingerprint, known };
  }
  // As OpenSSH does: the same key under the host's name alone vouches for any port of it.
  const withoutPort = knownHostsName(hostKeyAlias ?? host, 22);
  const isPlain = (line: KnownHostsLine): boolean => line.marker === undefined && isOffered(line);
  if (evidence.lines.some((line) => isPlain(line) && isAbout(line, withoutPort)) && port !== 22) {
    return { verdict: 'trusted' };
  }
  const authority = about.find(({ marker }) => marker === 'cert-authority');
  return { verdict: 'unknown', fingerprint, otherKeys: plain, authority };
}

/** The name that known_hosts has for the host. */
export function knownAs({
  host,
  port,
  hostKeyAlias,
}: Pick<HostKeyEvidence, 'host' | 'port' | 'hostKeyAlias'>): string {
  return hostKeyAlias === undefined ? knownHostsName(host, port) : hostKeyAlias.toLowerCase();
}

function linesAbout(evidence: Omit<HostKeyEvidence, 'offered'>): KnownHostsLine[] {
  const name = knownAs(evidence);
  return evidence.lines.filter((line) => isAbout(line, name));
}

/** As `ssh-keygen -l` shows it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Those that ssh2 can verify, strongest first. */
const supportedAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;
/** With SHA-1: only for who asks for it. */
const outdated: HostKeyAlgorithm = 'ssh-rsa';

export type HostKeyAlgorithm = (typeof supportedAlgorithms)[number];

/**
 * The host key algorithms to ask for: a host that is known by one key must not show another, so the
 * types that are known come first. Among them, and then, it goes by the user's order.
 */
export function preferredAlgorithms(
  evidence: Omit<HostKeyEvidence, 'offered'>,
  wished: readonly string[],
): HostKeyAlgorithm[] {
  const usable = supportedAlgorithms.filter((name) => wished.includes(name));
  usable.sort((a, b) => wished.indexOf(a) - wished.indexOf(b));
  const algorithms =
    usable.length > 0 ? usable : supportedAlgorithms.filter((name) => name !== outdated);
  const lines = linesAbout(evidence).filter(({ marker }) => marker === undefined);
  const types = new Set(lines.map(({ keyType }) => keyType));
  const isKnown = (name: HostKeyAlgorithm): boolean => types.has(keyTypeOf(name));
  return [...algorithms.filter(isKnown), ...algorithms.filter((name) => !isKnown(name))];
}

/** One type of key serves several algorithms of RSA. */
function keyTypeOf(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/** The type is the first string within the key. */
export function asHostKey(blob: Buffer): HostKey {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return { type: blob.subarray(4, 4 + length).toString('latin1'), blob };
}
