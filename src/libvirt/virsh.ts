/** libvirt's own client on the host: every word to a libvirt goes through it. */
import { HostError } from '../host/errors';
import type { Host, RunOptions, RunResult } from '../host/host';
import { LibvirtError, virshRefusal, virshTimeout } from './errors';

/**
 * libvirt answers in the language of its client; ours is what is parsed. To look at a session is not
 * to start a daemon for it.
 */
export const virshEnvironment = { LC_ALL: 'C', LIBVIRT_AUTOSTART: '0' } as const;

export class Virsh {
  constructor(
    readonly host: Host,
    /** `qemu:///system` */
    readonly uri: string,
  ) {}

  /**
   * Runs one command, or several at once where a word holds them (`virshText`). What is given to its
   * standard input it reads as the file `/dev/stdin`.
   * @returns what it prints
   * @throws LibvirtError, HostError
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const virsh = ['virsh', '-q', '-c', this.uri, ...args];
    // A socket, which standard input may be, cannot be opened as a file; a pipe can.
    const argv =
      options.stdin === undefined ? virsh : ['sh', '-c', 'cat | "$@"', 'virsh', ...virsh];
    const result = await this.#run(argv, options);
    if (result.status !== 0) throw this.#refusal(result);
    return result.stdout.toString();
  }

  /**
   * Runs a command that tells what happens until it is stopped by the signal, line by line. It ends
   * with us, however we do.
   * @throws LibvirtError, HostError `CANCELLED`
   */
  async follow(
    args: readonly string[],
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let rest = '';
    const result = await this.#run(
      ['setpriv', '--pdeathsig', 'SIGTERM', 'virsh', '-q', '-c', this.uri, ...args],
      {
        signal,
        onStdout: (data) => {
          const lines = (rest + data.toString()).split('\n');
          rest = lines.pop() ?? '';
          lines.forEach(onLine);
        },
      },
    );
    throw this.#refusal(result);
  }

  async #run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
    try {
      return await this.host.run(argv, {
        ...options,
        env: { ...options.env, ...virshEnvironment },
      });
    } catch (error) {
      const code = error instanceof HostError ? error.code : undefined;
      if (code === 'TIMEOUT') throw virshTimeout(this.uri);
      if (code !== 'NO_SUCH_FILE') throw error;
      throw new LibvirtError(
        'NO_VIRSH',
        `${this.host.name} has no virsh, which Sidestep talks to libvirt with. Install it there (libvirt-clients, libvirt-client).`,
        this.uri,
        { cause: error },
      );
    }
  }

  #refusal({ stderr, status }: RunResult): LibvirtError {
    return virshRefusal(stderr.toString(), status, this.uri);
  }
}

/** Commands as one word for virsh, which splits it like a shell without expansions. */
export function virshText(commands: readonly (readonly string[])[]): string {
  return commands.map((words) => words.map(quote).join(' ')).join('; ');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
