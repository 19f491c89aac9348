import type { HostKeyQuestion, SshPrompts } from '../../../src/host/ssh/prompts';
import { connectSsh, type ConnectOptions, type Notice } from '../../../src/host/ssh/connect';
import type { SshConnection } from '../../../src/host/ssh/connection';
import { startSshd, type Sshd, type SshdOptions } from '../../support/sshd';

/** What the user of a test answers; what is not given is dismissed. */
export interface Answers {
  readonly hostKey?: boolean;
  readonly passphrases?: readonly string[];
  readonly passwords?: readonly string[];
  readonly answers?: readonly (readonly string[])[];
}

/** A user who answers as told, and remembers what was asked. */
export class ScriptedUser implements SshPrompts {
  readonly interactive = true;
  readonly asked: string[] = [];
  readonly hostKeys: HostKeyQuestion[] = [];
  readonly #answers: Answers;
  readonly #next = { passphrases: 0, passwords: 0, answers: 0 };

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  confirmHostKey(question: HostKeyQuestion): Promise<boolean> {
    this.asked.push(`host key ${question.knownAs}`);
    this.hostKeys.push(question);
    return Promise.resolve(this.#answers.hostKey ?? false);
  }

  askPassphrase({ path, attempt }: { path: string; attempt: number }): Promise<string | undefined> {
    this.asked.push(`passphrase ${path} ${attempt}`);
    return Promise.resolve(this.#answers.passphrases?.[this.#next.passphrases++]);
  }

  askPassword({ attempt }: { attempt: number }): Promise<string | undefined> {
    this.asked.push(`password ${attempt}`);
    return Promise.resolve(this.#answers.passwords?.[this.#next.passwords++]);
  }

  answer(question: Parameters<SshPrompts['answer']>[0]): Promise<readonly string[] | undefined> {
    const prompts = question.prompts.map(({ prompt }) => prompt.trim()).join(', ');
    this.asked.push(`answer ${prompts} ${question.attempt}`);
    return Promise.resolve(this.#answers.answers?.[this.#next.answers++]);
  }
}

/** Servers and connections that end with their test. */
export class SshBench {
  readonly #servers: Sshd[] = [];
  readonly #connections: SshConnection[] = [];
  readonly notices: Notice[] = [];

  static forEachTest(): SshBench {
    const bench = new SshBench();
    afterEach(() => bench.#tidy());
    return bench;
  }

  async sshd(options?: SshdOptions): Promise<Sshd> {
    const server = await startSshd(options);
    this.#servers.push(server);
    return server;
  }

  /** Connects to a server as `dev`, with lines of ssh_config that go before the helper's own. */
  async connect(
    server: Sshd,
    lines: readonly string[] = [],
    options: Partial<ConnectOptions> = {},
  ): Promise<SshConnection> {
    const configFile = await server.writeConfig('dev', lines);
    return this.connectBy(configFile, options);
  }

  async connectBy(
    configFile: string,
    options: Partial<ConnectOptions> = {},
  ): Promise<SshConnection> {
    const connection = await connectSsh('dev', {
      prompts: new ScriptedUser(),
      configFile,
      onNotice: (notice) => this.notices.push(notice),
      ...options,
    });
    this.#connections.push(connection);
    return connection;
  }

  async #tidy(): Promise<void> {
    for (const connection of this.#connections.splice(0)) connection.dispose();
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
    this.notices.splice(0);
  }
}

/** What a command prints. */
export async function outputOf(connection: SshConnection, command: string): Promise<string> {
  const { stream } = await connection.exec(command);
  let text = '';
  for await (const data of stream) text += String(data);
  return text;
}
