import { HostError } from '../errors';
import { orCancelled } from '../local/cancellation';
import type { HostConfig } from './config/host-config';
import {
  asHostKey,
  judgeHostKey,
  knownAs,
  preferredAlgorithms,
  type HostKey,
  type HostKeyAlgorithm,
  type HostKeyVerdict,
} from './host-key';
import type { KnownHostsLine } from './known-hosts';
import { addKnownHost, readKnownHosts } from './known-hosts-file';
import type { SshPrompts } from './prompts';

type Unknown = Extract<HostKeyVerdict, { verdict: 'unknown' }>;

/** Decides about the keys that one host shows during one connection. */
export class HostKeyVerifier {
  /** Of a key exchange later on, which must show the same key again. */
  #trusted: Buffer | undefined;

  private constructor(
    private readonly config: HostConfig,
    private readonly destination: string,
    private readonly prompts: SshPrompts,
    private readonly lines: readonly KnownHostsLine[],
  ) {}

  static async for(
    config: HostConfig,
    destination: string,
    prompts: SshPrompts,
  ): Promise<HostKeyVerifier> {
    const files = [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles];
    return new HostKeyVerifier(config, destination, prompts, await readKnownHosts(files));
  }

  /** What to ask the server for. */
  get algorithms(): HostKeyAlgorithm[] {
    return preferredAlgorithms(this.#evidence, this.config.hostKeyAlgorithms);
  }

  get #evidence() {
    const { hostName: host, port, hostKeyAlias } = this.config;
    return { host, port, hostKeyAlias, lines: this.lines };
  }

  /**
   * Resolves when the key is trusted, which may be only when the user has said so.
   * @throws HostError `SSH_HOST_KEY_UNKNOWN`, `SSH_HOST_KEY_CHANGED`, `SSH_HOST_KEY_REVOKED`, `CANCELLED`
   */
  async verify(blob: Buffer, signal: AbortSignal): Promise<void> {
    const offered = asHostKey(blob);
    if (this.#trusted !== undefined) {
      if (this.#trusted.equals(blob)) return;
      const message = `${this.destination} shows another host key than at the start of the connection. Somebody may be between you and the host.`;
      throw new HostError('SSH_HOST_KEY_CHANGED', message, this.destination);
    }
    const decision = judgeHostKey({ ...this.#evidence, offered });
    switch (decision.verdict) {
      case 'trusted':
        break;
      case 'revoked':
        throw this.#refusal(
          'SSH_HOST_KEY_REVOKED',
          `The host key of ${this.destination} (${decision.fingerprint}) is revoked in ${place(decision.revoked)}. Do not trust this host; ask who runs it for its new key.`,
          decision.revoked,
        );
      case 'changed':
        throw this.#refusal(
          'SSH_HOST_KEY_CHANGED',
          `The host key of ${this.destination} has changed: it shows ${offered.type} ${decision.fingerprint}, known is ${decision.knownFingerprint} (${place(decision.known)}). Somebody may be between you and the host, or it was set up anew. If you know that it was, remove that line: \`ssh-keygen -f '${decision.known.file}' -R '${knownAs(this.#evidence)}'\`.`,
          decision.known,
        );
      case 'unknown':
        await this.#meet(offered, decision, signal);
    }
    this.#trusted = blob;
  }

  /** A key that is not known yet: it is for StrictHostKeyChecking, or for the user, to say. */
  async #meet(offered: HostKey, unknown: Unknown, signal: AbortSignal): Promise<void> {
    const { strictHostKeyChecking } = this.config;
    const text = this.#describe(offered, unknown);
    const accepts =
      strictHostKeyChecking === 'no' ||
      (strictHostKeyChecking === 'accept-new' && unknown.otherKeys.length === 0);
    if (!accepts) {
      if (strictHostKeyChecking === 'yes' || !this.prompts.interactive) {
        throw this.#refusal('SSH_HOST_KEY_UNKNOWN', `${text} ${howToTrust(this.config)}`);
      }
      const question = {
        destination: this.destination,
        knownAs: knownAs(this.#evidence),
        keyType: offered.type,
        fingerprint: unknown.fingerprint,
        text,
      };
      const confirmed = await orCancelled(this.prompts.confirmHostKey(question, signal), signal);
      if (!confirmed) {
        const message = `The connection to ${this.destination} was cancelled: its host key was not accepted.`;
        throw new HostError('CANCELLED', message, this.destination);
      }
    }
    const [file] = this.config.userKnownHostsFiles;
    if (file === undefined) return;
    await addKnownHost(file, knownAs(this.#evidence), offered, this.config.hashKnownHosts);
  }

  #describe(offered: HostKey, { fingerprint, otherKeys, authority }: Unknown): string {
    const [other] = otherKeys;
    const sentences = [
      `The host ${this.destination} is not known. Its host key is ${offered.type} ${fingerprint}.`,
      other &&
        `A key of another type is known for it (${other.keyType}, ${place(other)}), and the host does not show that one: be careful.`,
      authority &&
        `It is known by a certificate authority (${place(authority)}), but host certificates are not supported here: compare the fingerprint.`,
    ];
    return sentences.filter((sentence) => sentence !== undefined).join(' ');
  }

  #refusal(
    code: 'SSH_HOST_KEY_UNKNOWN' | 'SSH_HOST_KEY_CHANGED' | 'SSH_HOST_KEY_REVOKED',
    message: string,
    about?: KnownHostsLine,
  ): HostError {
    return new HostError(code, message, this.destination, {
      ...(about && { place: { path: about.file, line: about.line } }),
    });
  }
}

function howToTrust({ host, strictHostKeyChecking }: HostConfig): string {
  return strictHostKeyChecking === 'yes'
    ? 'StrictHostKeyChecking is yes: add its key to known_hosts, having compared the fingerprint.'
    : `Connect to it once by hand to accept it: \`ssh ${host}\` does as well.`;
}

function place({ file, line }: KnownHostsLine): string {
  return `${file}:${line}`;
}
