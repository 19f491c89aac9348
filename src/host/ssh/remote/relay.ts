/** Programs on the host that connect their standard input and output to a socket. */
import type { Endpoint } from '../../host';
import source from './relay.py';
import { commandLine } from './words';

/** Besides Python, which is there. */
export type RelayProgram = 'socat' | 'nc';

/**
 * The command line of a relay.
 * @param programs those that the host has
 */
export function relayCommand(
  endpoint: Endpoint,
  programs: readonly RelayProgram[],
  sudo: boolean,
): string {
  const words = relayWords(endpoint, programs);
  return commandLine(sudo ? ['sudo', '-n', '--', ...words] : words);
}

function relayWords(endpoint: Endpoint, programs: readonly RelayProgram[]): string[] {
  const { host, port } = 'unix' in endpoint ? { host: endpoint.unix, port: '' } : endpoint;
  // socat has a language of its own for addresses, and a leading dash makes options.
  if (/^[\w/.][\w/.@%+-]*$/.test(host)) {
    if (programs.includes('socat')) {
      return ['socat', '-', 'unix' in endpoint ? `UNIX-CONNECT:${host}` : `TCP:${host}:${port}`];
    }
    // -N: the end of our input is told to the socket, else nc stays when we have left.
    if (programs.includes('nc')) {
      return 'unix' in endpoint ? ['nc', '-N', '-U', host] : ['nc', '-N', host, `${port}`];
    }
  }
  const code = Buffer.from(source).toString('hex');
  const argument = Buffer.from(JSON.stringify(endpoint)).toString('hex');
  return ['python3', '-I', '-S', '-c', `exec(bytes.fromhex("${code}").decode())`, argument];
}
