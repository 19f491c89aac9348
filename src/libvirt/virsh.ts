/** libvirt's own client on the host: every word to a libvirt goes through it. */
import { HostError } from '../host/errors';
import type { Host, RunOptions, RunResult } from '../host/host';
import { LibvirtError, type LibvirtErrorCode } from './errors';

/** libvirt answers in the language of its client; ours is what is parsed. */
const env = { LC_ALL: 'C' };

/** Beginnings of what virsh and libvirt say, the first that fits. */
const meanings: readonly (readonly [RegExp, LibvirtErrorCode])[] = [
  [/failed to connect to the hypervisor|Failed to connect socket/, 'LIBVIRT_UNREACHABLE'],
  [/failed to get domain|Domain not found|no domain with matching/, 'NO_LIBVIRT_DOMAIN'],
];

export class Virsh {
  constructor(
    readonly host: Host,
    /** `qemu:///system` */
    readonly uri: string,
  ) {}

  /**
   * Runs one command, or several at once where a word holds them (`virshText`).
   * @returns what it prints
   * @throws LibvirtError, HostError
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.#run(['virsh', '-q', '-c', this.uri, ...args], options);
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
      return await this.host.run(argv, { ...options, env: { ...options.env, ...env } });
    } catch (error) {
      if (!(error instanceof HostError && error.code === 'NO_SUCH_FILE')) throw error;
      throw new LibvirtError(
        'NO_VIRSH',
        `${this.host.name} has no virsh, which Sidestep talks to libvirt with. Install it there (libvirt-clients, libvirt-client).`,
        this.uri,
        { cause: error },
      );
    }
  }

  #refusal({ stderr, status }: RunResult): LibvirtError {
    const said = stderr
      .toString()
      .split('\n')
      .map((line) => line.replace(/^error: /, '').trim())
      .filter((line) => line !== '')
      .join(' ');
    const code = meanings.find(([words]) => words.test(said))?.[1] ?? 'LIBVIRT_REFUSED';
    const words = said === '' ? `virsh ended with status ${String(status)}` : said;
    return new LibvirtError(code, `libvirt (${this.uri}): ${words}`, this.uri);
  }
}

/** Commands as one word for virsh, which splits it like a shell without expansions. */
export function virshText(commands: readonly (readonly string[])[]): string {
  return commands.map((words) => words.map(quote).join(' ')).join('; ');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
