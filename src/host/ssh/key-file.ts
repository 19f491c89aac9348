/** Private keys in files (`IdentityFile`): what can be known of one without its passphrase. */
import { readFile, stat } from 'node:fs/promises';
import { utils, type ParsedKey } from 'ssh2';
import { isAbsent, toHostError } from '../local/system-error';

export interface KeyFile {
  readonly path: string;
  /** The content of the private key, undefined if there is only a public one. */
  readonly text: string | undefined;
  /** undefined if it can only be known with the passphrase. */
  readonly publicKey: ParsedKey | undefined;
  readonly encrypted: boolean;
}

/** Why a file holds no key for us, in words that go behind its path: `it does not exist`. */
export interface UnusableKeyFile {
  readonly path: string;
  readonly reason: string;
  readonly absent: boolean;
}

export async function readKeyFile(path: string): Promise<KeyFile | UnusableKeyFile> {
  let text: string | undefined;
  let beside: string | undefined;
  try {
    text = await readIfThere(path);
    beside = await readIfThere(`${path}.pub`);
    if (text !== undefined && (await isOpenToOthers(path)) && !isPublic(text)) {
      const reason = `others may read it, so it is not used; \`chmod 600 ${path}\` mends that`;
      return { path, reason, absent: false };
    }
  } catch (error) {
    return { path, reason: toHostError(error, 'read it', path).message, absent: false };
  }
  if (text === undefined && beside === undefined) {
    return { path, reason: 'there is no such file', absent: true };
  }
  const published = publicKey(beside);
  // IdentityFile may name the public key of a private one that only an agent holds.
  if (text === undefined || isPublic(text)) {
    const key = publicKey(text) ?? published;
    return key === undefined
      ? { path, reason: 'it is no key of a kind that is supported', absent: false }
      : { path, text: undefined, publicKey: key, encrypted: false };
  }
  const parsed = utils.parseKey(text);
  if (!(parsed instanceof Error)) return { path, text, publicKey: parsed, encrypted: false };
  if (isEncrypted(parsed)) {
    return { path, text, publicKey: published ?? publicPart(text), encrypted: true };
  }
  return { path, reason: `it cannot be read: ${parsed.message}`, absent: false };
}

/** @returns undefined if the passphrase is wrong */
export function decryptKey(text: string, passphrase: string): ParsedKey | undefined {
  const key = utils.parseKey(text, passphrase);
  return key instanceof Error ? undefined : key;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** As OpenSSH has it: only what is our own needs to be private. */
async function isOpenToOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const { mode, uid } = await stat(path);
  return (mode & 0o077) !== 0 && uid === process.getuid?.();
}

function isPublic(text: string): boolean {
  return !text.includes('PRIVATE KEY');
}

function publicKey(text: string | undefined): ParsedKey | undefined {
  if (text === undefined) return undefined;
  const key = utils.parseKey(text);
  return key instanceof Error ? undefined : key;
}

function isEncrypted(error: Error): boolean {
  return /passphrase|encrypted/i.test(error.message);
}

/** OpenSSH's own format has the public key in the clear, before the encrypted part. */
function publicPart(text: string): ParsedKey | undefined {
  const [, base64] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text) ?? [];
  if (base64 === undefined) return undefined;
  const data = Buffer.from(base64, 'base64');
  let offset = 'openssh-key-v1\0'.length;
  const next = (): Buffer => {
    const start = offset + 4;
    offset = start + data.readUInt32BE(offset);
    return data.subarray(start, offset);
  };
  try {
    // Before it: cipher, key derivation, its options, and the number of keys, which is one.
    for (let field = 0; field < 3; field++) next();
    offset += 4;
    const key = utils.parseKey(next());
    return key instanceof Error ? undefined : key;
  } catch {
    return undefined; // cut off
  }
}
