/** The keys to log in with, wherever their private parts are. */
import {
  BaseAgent,
  createAgent,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { HostError } from '../errors';
import { orCancelled } from '../local/cancellation';
import { timeLimit } from '../time-limit';
import type { HostConfig } from './config/host-config';
import { decryptKey, readKeyFile, type KeyFile } from './key-file';
import type { SshPrompts } from './prompts';

export interface Identity {
  /** As a failure names it: `key ~/.ssh/id_ed25519`. */
  readonly name: string;
  readonly publicKey: ParsedKey;
  /** @throws HostError when the key cannot be had: no passphrase, the agent refuses */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

export interface Identities {
  /** In the order in which to offer them. */
  readonly usable: readonly Identity[];
  /** What was looked at and is no use, in sentences without a full stop. */
  readonly unusable: readonly string[];
}

interface Asker {
  readonly destination: string;
  readonly prompts: SshPrompts;
  readonly signal: AbortSignal;
}

/** An agent that is stuck must not hold up the login. */
const agentTimeoutMs = 10_000;
const passphraseAttempts = 3;

/** As ssh orders them: the agent's that are configured, its other ones, then the files. */
export async function findIdentities(config: HostConfig, asker: Asker): Promise<Identities> {
  const unusable: string[] = [];
  const files: KeyFile[] = [];
  for (const path of config.identityFiles) {
    const file = await readKeyFile(path);
    if (!('reason' in file)) files.push(file);
    // The usual names are looked for unasked: most of them are not there.
    else if (!(file.absent && isUsualName(path))) unusable.push(`key ${path}: ${file.reason}`);
  }
  const agent = await agentIdentities(config, asker, unusable);
  const isOf = (file: KeyFile, { publicKey }: Identity): boolean =>
    file.publicKey?.getPublicSSH().equals(publicKey.getPublicSSH()) ?? false;

  const configured = files.flatMap((file) => agent.filter((identity) => isOf(file, identity)));
  const others = agent.filter((identity) => !configured.includes(identity));
  if (config.identitiesOnly && others.length > 0 && configured.length === 0) {
    unusable.push(`agent: it holds none of the configured keys, and IdentitiesOnly is set`);
  }
  const fromFiles: Identity[] = [];
  for (const file of files) {
    if (agent.some((identity) => isOf(file, identity))) continue;
    if (file.text === undefined) unusable.push(`key ${file.path}: there is only its public part`);
    else {
      const identity = await fileIdentity(file, file.text, asker);
      if (typeof identity === 'string') unusable.push(identity);
      else fromFiles.push(identity);
    }
  }
  return {
    usable: [...configured, ...(config.identitiesOnly ? [] : others), ...fromFiles],
    unusable,
  };
}

function isUsualName(path: string): boolean {
  return /[\\/]\.ssh[\\/]id_(rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss)$/.test(path);
}

/** The agent's keys; none if it is gone, which is no reason not to go on. */
async function agentIdentities(
  { identityAgent }: HostConfig,
  { signal }: Asker,
  unusable: string[],
): Promise<Identity[]> {
  if (identityAgent === undefined) return [];
  const agent = createAgent(identityAgent);
  const limit = AbortSignal.any([signal, timeLimit(agentTimeoutMs)]);
  try {
    const keys = await orCancelled(publicKeys(agent), limit);
    if (keys.length === 0) unusable.push(`agent: it holds no keys (${identityAgent})`);
    return keys.map((publicKey) => ({
      name: `agent's key ${publicKey.comment || publicKey.type}`,
      publicKey,
      sign: (data, hash) =>
        orCancelled(signature(agent, publicKey, data, hash), signal).catch((error: unknown) => {
          if (signal.aborted) throw error;
          throw new HostError('SSH_AUTH_FAILED', 'the agent refused to sign', identityAgent);
        }),
    }));
  } catch (error) {
    if (signal.aborted) throw error;
    unusable.push(`agent: nobody answers at ${identityAgent}`);
    return [];
  }
}

function publicKeys(agent: BaseAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []).filter((key): key is ParsedKey => isParsed(key)));
    });
  });
}

/** ssh2's agents give parsed keys, whatever their types allow. */
function isParsed(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key;
}

function signature(
  agent: BaseAgent,
  key: ParsedKey,
  data: Buffer,
  hash: string | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = hash === 'sha256' || hash === 'sha512' ? ({ hash } as const) : {};
    agent.sign(key, data, options, (error, signed) => {
      if (error) reject(error);
      else if (signed === undefined) reject(new Error('no signature'));
      else resolve(Buffer.from(signed));
    });
  });
}

/** A key in a file; its passphrase is asked for once the server is known to take the key. */
async function fileIdentity(file: KeyFile, text: string, asker: Asker): Promise<Identity | string> {
  const name = `key ${file.path}`;
  let privateKey: ParsedKey | undefined = file.encrypted ? undefined : file.publicKey;
  const unlock = async (): Promise<ParsedKey> =>
    (privateKey ??= await askForKey(file.path, text, asker));
  let { publicKey } = file;
  try {
    // Old formats show nothing of an encrypted key.
    publicKey ??= await unlock();
  } catch (error) {
    if (asker.signal.aborted || !(error instanceof HostError)) throw error;
    return `${name}: ${error.message}`;
  }
  return { name, publicKey, sign: async (data, hash) => (await unlock()).sign(data, hash) };
}

async function askForKey(path: string, text: string, asker: Asker): Promise<ParsedKey> {
  const { destination, prompts, signal } = asker;
  for (let attempt = 1; attempt <= passphraseAttempts; attempt++) {
    const question = { destination, path, attempt };
    const passphrase = await orCancelled(prompts.askPassphrase(question, signal), signal);
    if (passphrase === undefined) {
      const reason = 'it is encrypted, and its passphrase was not given';
      throw new HostError('SSH_AUTH_FAILED', reason, path);
    }
    const key = decryptKey(text, passphrase);
    if (key !== undefined) return key;
  }
  const message = `the passphrase was wrong ${passphraseAttempts} times`;
  throw new HostError('SSH_AUTH_FAILED', message, path);
}

/**
 * One identity in the form of an agent: that is how ssh2 takes a key whose signature is not at hand.
 * It remembers how it went.
 */
export class SingleIdentityAgent extends BaseAgent<ParsedKey> {
  /** The server took the key and asked for a signature. */
  asked = false;
  failure: Error | undefined;

  constructor(private readonly identity: Identity) {
    super();
  }

  override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
    done(undefined, [this.identity.publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const callback = typeof options === 'function' ? options : done;
    const hash = typeof options === 'function' ? undefined : options.hash;
    this.asked = true;
    this.identity.sign(data, hash).then(
      (signed) => callback?.(undefined, signed),
      (error: unknown) => {
        this.failure = error instanceof Error ? error : new Error(String(error));
        callback?.(this.failure);
      },
    );
  }
}
