/** What OpenSSH would ask on a terminal, asked in VS Code. */
import * as vscode from 'vscode';
import type {
  HostKeyQuestion,
  InteractiveQuestion,
  PassphraseQuestion,
  PasswordQuestion,
  SshPrompts,
} from '../../host/ssh/prompts';
import { asMessage, shortName } from '../safe-text';
import type { Secrets } from '../secrets';

/** One connection's questions. What is answered is remembered only once it has been seen to be right. */
export class UserPrompts implements SshPrompts {
  readonly interactive = true;
  /** Right or wrong is known only later: the question, and how it was answered. */
  readonly #answered = new Map<string, { readonly what: string; readonly secret: string }>();

  constructor(private readonly secrets: Secrets) {}

  async confirmHostKey(question: HostKeyQuestion, signal: AbortSignal): Promise<boolean> {
    const trust = vscode.l10n.t('Trust This Host');
    const answer = await untilAborted(
      vscode.window.showWarningMessage(
        vscode.l10n.t('Do you trust {0}?', shortName(question.destination)),
        {
          modal: true,
          detail: [
            question.text,
            vscode.l10n.t(
              'Compare it with the one that whoever runs the host tells you. It is then written to known_hosts, and not asked again.',
            ),
          ].join('\n\n'),
        },
        trust,
      ),
      signal,
    );
    return answer === trust;
  }

  askPassphrase(question: PassphraseQuestion, signal: AbortSignal): Promise<string | undefined> {
    const { path, attempt } = question;
    return this.#secret(
      {
        key: passphraseKey(path),
        what: vscode.l10n.t('the passphrase of {0}', path),
        title: vscode.l10n.t('Passphrase of {0}', path),
        prompt: vscode.l10n.t('For the connection to {0}', shortName(question.destination)),
        attempt,
      },
      signal,
    );
  }

  askPassword(
    { destination, attempt }: PasswordQuestion,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.#secret(
      {
        key: passwordKey(destination),
        what: vscode.l10n.t('the password of {0}', destination),
        title: vscode.l10n.t('Password of {0}', shortName(destination)),
        prompt: vscode.l10n.t('The password to log in with'),
        attempt,
      },
      signal,
    );
  }

  /** What a server asks may be good for once only: but for the password it is not remembered. */
  async answer(
    question: InteractiveQuestion,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    const { destination, name, instructions, prompts, attempt } = question;
    if (asksForPassword(question)) {
      const password = await this.askPassword(question, signal);
      return password === undefined ? undefined : [password];
    }
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      const answer = await askInput(
        {
          title: vscode.l10n.t('{0} asks', shortName(destination)),
          prompt: [name, instructions, prompt]
            .map((text) => text.trim())
            .filter((text) => text !== '')
            .join(' '),
          password: !echo,
          attempt,
        },
        signal,
      );
      if (answer === undefined) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  /** For the end of a connection that came about: asks whether to keep what was typed. */
  async offerToRemember(): Promise<void> {
    for (const [key, { what, secret }] of this.#answered) {
      const remember = vscode.l10n.t('Remember');
      const answer = await vscode.window.showInformationMessage(
        asMessage(
          vscode.l10n.t("Remember {0}? It is kept in your system's secret storage only.", what),
        ),
        remember,
        vscode.l10n.t('Not Now'),
      );
      if (answer === remember) await this.secrets.remember(key, secret);
    }
    this.#answered.clear();
  }

  async #secret(
    question: InputQuestion & { readonly key: string; readonly what: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { key, what, attempt } = question;
    if (attempt === 1) {
      const remembered = await this.secrets.get(key);
      if (remembered !== undefined) return remembered;
    } else {
      this.#answered.delete(key);
      // It has changed since.
      await this.secrets.forget(key);
    }
    const secret = await askInput({ ...question, password: true }, signal);
    if (secret !== undefined) this.#answered.set(key, { what, secret });
    return secret;
  }
}

/** For connections that come back by themselves: what is remembered is all there is. */
export function rememberedOnly(secrets: Secrets): SshPrompts {
  const password = async ({ destination, attempt }: PasswordQuestion) =>
    attempt === 1 ? secrets.get(passwordKey(destination)) : undefined;
  return {
    // A password is only asked for where somebody may answer.
    interactive: secrets.hasAny(passwordKey('')),
    confirmHostKey: () => Promise.resolve(false),
    async askPassphrase({ path, attempt }) {
      return attempt === 1 ? secrets.get(passphraseKey(path)) : undefined;
    },
    askPassword: password,
    async answer(question) {
      if (question.prompts.length === 0) return [];
      if (!asksForPassword(question)) return undefined;
      const answer = await password(question);
      return answer === undefined ? undefined : [answer];
    },
  };
}

function passwordKey(destination: string): string {
  return `password ${destination}`;
}

function passphraseKey(path: string): string {
  return `passphrase ${path}`;
}

/** Most servers ask for the password in this way. */
function asksForPassword({ prompts: [first, ...others] }: InteractiveQuestion): boolean {
  return (
    first !== undefined && others.length === 0 && !first.echo && /password/i.test(first.prompt)
  );
}

interface InputQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly password?: boolean;
  readonly attempt: number;
}

async function askInput(
  { title, prompt, password = false, attempt }: InputQuestion,
  signal: AbortSignal,
): Promise<string | undefined> {
  const input = vscode.window.createInputBox();
  input.title = title;
  input.prompt = asMessage(prompt);
  input.password = password;
  input.ignoreFocusOut = true;
  if (attempt > 1) input.validationMessage = vscode.l10n.t('That was not right. Try again.');
  const close = () => {
    input.hide();
  };
  try {
    return await new Promise((resolve) => {
      input.onDidAccept(() => {
        resolve(input.value);
      });
      input.onDidChangeValue(() => {
        input.validationMessage = undefined;
      });
      input.onDidHide(() => {
        resolve(undefined);
      });
      signal.addEventListener('abort', close);
      if (!signal.aborted) input.show();
      else resolve(undefined);
    });
  } finally {
    signal.removeEventListener('abort', close);
    input.dispose();
  }
}

/** A modal cannot be taken back; whoever waits for its answer goes on. */
async function untilAborted<T>(answer: Thenable<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let onAbort = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
