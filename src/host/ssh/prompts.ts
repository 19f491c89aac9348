/** What only the user can answer. */

export interface HostKeyQuestion {
  /** `user@host:port` */
  readonly destination: string;
  /** The name that known_hosts will know it by. */
  readonly knownAs: string;
  /** `ssh-ed25519` */
  readonly keyType: string;
  /** `SHA256:...`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** The question in words: what is unknown, and what else is known about the host. */
  readonly text: string;
}

export interface PassphraseQuestion {
  readonly destination: string;
  /** Of the private key. */
  readonly path: string;
  /** From 1: from 2 on, the last answer was wrong. */
  readonly attempt: number;
}

export interface PasswordQuestion {
  readonly destination: string;
  /** From 1: from 2 on, the last answer was wrong. */
  readonly attempt: number;
}

/** What a server asks by keyboard-interactive. All its texts are the server's: not to be trusted. */
export interface InteractiveQuestion {
  readonly destination: string;
  readonly name: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly prompt: string; readonly echo: boolean }[];
  /** From 1: from 2 on, the last answers were wrong. */
  readonly attempt: number;
}

/** An answer of undefined is none: the user has dismissed the question. */
export interface SshPrompts {
  /**
   * Whether there is anybody to ask. If so, a dismissed question about a password or a host key
   * cancels the connection. If not, no answer is one that could not be had (but remembered ones may
   * be given): the login fails, and says that nobody was there.
   */
  readonly interactive: boolean;
  /** Whether to trust a host from now on. */
  confirmHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean>;
  askPassphrase(question: PassphraseQuestion, signal: AbortSignal): Promise<string | undefined>;
  askPassword(question: PasswordQuestion, signal: AbortSignal): Promise<string | undefined>;
  /** @returns one answer for each prompt */
  answer(
    question: InteractiveQuestion,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>;
}

/** For connections that nobody waits for. */
export const neverPrompt: SshPrompts = {
  interactive: false,
  confirmHostKey: () => Promise.resolve(false),
  askPassphrase: () => Promise.resolve(undefined),
  askPassword: () => Promise.resolve(undefined),
  answer: () => Promise.resolve(undefined),
};
