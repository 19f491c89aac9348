/** How to log in: which method to try next, what to ask the user, and what to say when all failed. */
import type { AnyAuthMethod, KeyboardInteractiveAuthMethod } from 'ssh2';
import { HostError } from '../errors';
import { orCancelled } from '../local/cancellation';
import type { Authentication, HostConfig } from './config/host-config';
import { findIdentities, SingleIdentityAgent, type Identity } from './identities';
import type { SshPrompts } from './prompts';

export interface LoginContext {
  readonly config: HostConfig;
  readonly destination: string;
  readonly prompts: SshPrompts;
  readonly signal: AbortSignal;
  /** Waits for what may be up to the user, for as long as that takes. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
  /** Called when an answer cannot be had, and no method can follow. */
  readonly giveUp: (error: HostError) => void;
}

/** The methods the server takes now; it may ask for several of them, one after the other. */
export type MethodsLeft = readonly string[];

type Conversation = Generator<AnyAuthMethod, void, MethodsLeft>;
type AsyncConversation = AsyncGenerator<AnyAuthMethod, void, MethodsLeft>;

/**
 * One login, as a conversation: it yields the method to try, and is told what the server still takes
 * when that was not enough. When it returns, all has failed; `report` says why.
 */
export class Login {
  readonly #tried: string[] = [];
  #left: MethodsLeft = [];

  constructor(private readonly context: LoginContext) {}

  async *methods(): AsyncConversation {
    const { config } = this.context;
    // It does not let anybody in, and the answer says what would.
    this.#left = yield { type: 'none', username: config.user };
    const untried = new Set(config.authentications);
    for (;;) {
      const method = [...untried].find((name) => this.#left.includes(name));
      if (method === undefined) return;
      untried.delete(method);
      yield* this.#by(method);
    }
  }

  #by(method: Authentication): Conversation | AsyncConversation {
    switch (method) {
      case 'publickey':
        return this.#keys();
      case 'keyboard-interactive':
        return this.#interactive();
      case 'password':
        return this.#password();
    }
  }

  /** @param cause what ended the connection before all was tried */
  report(cause?: Error): HostError {
    const { destination } = this.context;
    const tried = this.#tried.length === 0 ? ['no key, no password'] : new Set(this.#tried);
    const takes = this.#left.length === 0 ? '' : ` The server takes ${this.#left.join(', ')}.`;
    const end = cause === undefined ? '' : ` It ended with: ${cause.message}.`;
    const message = `Cannot log in as ${destination}. Tried: ${[...tried].join('; ')}.${takes}${end} ${this.#advice(cause)}`;
    return new HostError('SSH_AUTH_FAILED', message, destination, { cause });
  }

  #advice(cause: Error | undefined): string {
    if (/too many/i.test(cause?.message ?? '')) {
      return 'Name the right key with IdentityFile and set IdentitiesOnly to yes, so that fewer are tried.';
    }
    const { user } = this.context.config;
    return this.#left.includes('publickey')
      ? `Check that ${user} is the right user, and that your public key is in ~/.ssh/authorized_keys there.`
      : `Check that ${user} is the right user, and that it may log in with this method.`;
  }

  async *#keys(): AsyncConversation {
    const { config } = this.context;
    const { usable, unusable } = await findIdentities(config, this.context);
    this.#tried.push(...unusable);
    for (const identity of usable) {
      if (!this.#left.includes('publickey')) return;
      yield* this.#key(identity);
    }
  }

  *#key(identity: Identity): Conversation {
    const username = this.context.config.user;
    const agent = new SingleIdentityAgent({
      ...identity,
      // An agent may ask its user too, for a confirmation or a touch.
      sign: (...args) => this.context.patiently(() => identity.sign(...args)),
    });
    this.#left = yield { type: 'agent', username, agent };
    if (agent.failure !== undefined) {
      this.#tried.push(`${identity.name}: ${agent.failure.message}`);
    } else if (!agent.asked) {
      this.#tried.push(`${identity.name}: the server does not take it`);
    } else {
      this.#tried.push(`${identity.name}: accepted, but it was not enough`);
      // ssh2 does not tell what a server wants besides a key: ask.
      this.#left = yield { type: 'none', username };
    }
  }

  *#interactive(): Conversation {
    const { config, destination, prompts, signal } = this.context;
    for (let attempt = 1; attempt <= config.numberOfPasswordPrompts; attempt++) {
      if (!this.#left.includes('keyboard-interactive')) return;
      const round = { asked: false };
      const answer: KeyboardInteractiveAuthMethod['prompt'] = (
        name,
        instructions,
        _language,
        list,
        finish,
      ) => {
        round.asked = true;
        const questions = list.map(({ prompt, echo }) => ({ prompt, echo: echo ?? false }));
        const question = { destination, name, instructions, prompts: questions, attempt };
        orCancelled(prompts.answer(question, signal), signal).then(
          (answers) => {
            if (answers === undefined)
              this.context.giveUp(this.#unanswered('keyboard-interactive'));
            else finish([...answers]);
          },
          (error: unknown) => {
            this.context.giveUp(
              error instanceof HostError
                ? error
                : this.report(error instanceof Error ? error : undefined),
            );
          },
        );
      };
      this.#left = yield { type: 'keyboard-interactive', username: config.user, prompt: answer };
      this.#tried.push(
        `keyboard-interactive: ${round.asked ? 'the answer was wrong' : 'the server asked nothing'}`,
      );
      if (!round.asked) return;
    }
  }

  async *#password(): AsyncConversation {
    const { config, destination, prompts, signal } = this.context;
    for (let attempt = 1; attempt <= config.numberOfPasswordPrompts; attempt++) {
      if (!this.#left.includes('password')) return;
      const question = { destination, attempt };
      const password = await orCancelled(prompts.askPassword(question, signal), signal);
      if (password === undefined) throw this.#unanswered('password');
      this.#left = yield { type: 'password', username: config.user, password };
      this.#tried.push('password: it was wrong');
    }
  }

  /** A question without an answer ends the login: what could follow would be asked of the same user. */
  #unanswered(method: Authentication): HostError {
    const { destination, prompts } = this.context;
    if (!prompts.interactive) {
      this.#tried.push(`${method}: nobody to ask`);
      return this.report();
    }
    const message = `The connection to ${destination} was cancelled: a question was not answered.`;
    return new HostError('CANCELLED', message, destination);
  }
}
