/** Starts the helper on a host: by its login shell, without a file there. */
import { randomBytes } from 'node:crypto';
import { HostError } from '../../errors';
import type { HostFacts } from '../../host';
import { cancellation, onAbort } from '../../local/cancellation';
import type { SshConnection, SshProcess } from '../connection';
import { Lines } from './lines';
import { program } from './program';
import { Greeting, parseLine } from './results';
import { commandLine } from './words';

/** A helper that is at our service. */
export interface Started {
  readonly process: SshProcess;
  readonly facts: HostFacts;
  /** What it says from now on. */
  readonly lines: Lines;
}

/** How much of what a login shell complains of is worth telling, in characters. */
const longestComplaint = 500;

/**
 * @param sudo run it as root, by `sudo -n`, which asks for no password
 * @throws HostError `NO_PYTHON`, `SUDO_REFUSED`, `SSH_SHELL`, `DISCONNECTED`, `CANCELLED`
 */
export async function startHelper(
  connection: SshConnection,
  sudo: boolean,
  signal: AbortSignal,
): Promise<Started> {
  // A login shell may print whatever it likes first, also the command line: there it is in two.
  const [head, tail] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
  const bootstrap = [
    'import sys',
    `sys.stdout.write(chr(10) + "${head}" + "${tail}" + chr(10))`,
    'sys.stdout.flush()',
    'code = sys.stdin.buffer.read(int(sys.stdin.buffer.readline()))',
    'exec(compile(code, "sidestep", "exec"))',
  ].join('; ');
  // Not at the mercy of the environment (-I), and no need of what is installed besides (-S).
  const python = ['python3', '-I', '-S', '-u', '-c', bootstrap];
  const command = commandLine(sudo ? ['sudo', '-n', '--', ...python] : python);
  const process = await connection.exec(command, signal);
  try {
    return await greeted(process, `${head}${tail}`, signal);
  } catch (error) {
    process.stream.destroy();
    throw error instanceof Ending ? error.toHostError(connection.destination, sudo) : error;
  }
}

/** Hands over the program when Python asks for it, and resolves when that has greeted us. */
function greeted(process: SshProcess, sign: string, signal: AbortSignal): Promise<Started> {
  let complaint = '';
  process.stderr.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-longestComplaint);
  });
  return new Promise((resolve, reject) => {
    const lines = new Lines();
    let hasPython = false;
    lines.listen((line) => {
      if (hasPython) {
        const greeting = parseLine(Greeting, line);
        if (!greeting) return;
        forget();
        resolve({ process, facts: greeting.facts, lines });
      } else if (line === sign) {
        hasPython = true;
        process.stream.write(`${program.length}\n`);
        process.stream.write(program);
      }
    });
    const forget = onAbort(signal, () => {
      reject(cancellation(signal));
    });
    process.stream.on('data', (data: Buffer) => {
      lines.add(data);
    });
    process.stream.once('error', reject);
    // Only then all is said: sshd may tell the exit status before the words that came before it.
    process.stream.once('close', () => {
      forget();
      void process.exited.then((status) => {
        reject(new Ending(status, complaint.trim(), hasPython));
      });
    });
  });
}

/** The shell, sudo or Python has ended instead. */
class Ending extends Error {
  constructor(
    readonly status: number | undefined,
    readonly complaint: string,
    readonly hasPython: boolean,
  ) {
    super(complaint);
  }

  toHostError(host: string, sudo: boolean): HostError {
    const { status, complaint } = this;
    const said = complaint === '' ? `exit status ${status ?? 'unknown'}` : complaint;
    const lacksPython =
      this.hasPython || (status === 127 && !sudo) || /python3.*not found/i.test(complaint);
    if (lacksPython) {
      const message = `${host} has no python3 that Sidestep can use (${said}). Install Python 3.6 or later there: \`apt install python3\`, \`dnf install python3\`.`;
      return new HostError('NO_PYTHON', message, host);
    }
    if (sudo) {
      const message = `sudo at ${host} does not let us in without a password (${said}). Allow it in sudoers (NOPASSWD), or turn sudo off for this host.`;
      return new HostError('SUDO_REFUSED', message, host);
    }
    const message = `The login shell at ${host} did not run Sidestep's helper (${said}). Check that \`ssh\` runs commands there.`;
    return new HostError('SSH_SHELL', message, host);
  }
}
