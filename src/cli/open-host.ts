/** The host that a command is for: this machine, or one behind SSH. */
import { printableLines } from '../engine/text/printable';
import type { Host } from '../host/host';
import { cancellable } from './interrupt';
import type { Terminal } from './output/terminal';

export interface HostChoice {
  /** `local`, a name of the SSH configuration, `user@host`, or `ssh://user@host:port`. */
  readonly name: string;
  /** Act as root there, by `sudo -n`. */
  readonly sudo: boolean;
  /** Instead of the user's and the system's SSH configuration. */
  readonly sshConfig: string | undefined;
}

export async function openHost(
  { name, sudo, sshConfig }: HostChoice,
  terminal: Terminal,
): Promise<Host> {
  if (name === 'local') return (await import('../host/local')).openLocalHost();
  const [{ connectSsh }, { openSshHost }, { terminalPrompts }] = await Promise.all([
    import('../host/ssh/connect'),
    import('../host/ssh'),
    import('./ssh-prompts'),
  ]);
  return cancellable(async (signal) => {
    const connection = await connectSsh(name, {
      prompts: terminalPrompts(),
      signal,
      ...(sshConfig !== undefined && { configFile: sshConfig }),
      onNotice: ({ text }) => {
        terminal.printError(printableLines(text).trimEnd());
      },
    });
    return openSshHost(connection, { sudo, signal });
  });
}
