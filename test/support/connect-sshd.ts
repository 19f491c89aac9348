import { connectSsh } from '../../src/host/ssh/connect';
import type { SshConnection } from '../../src/host/ssh/connection';
import { neverPrompt } from '../../src/host/ssh/prompts';
import type { Sshd } from './sshd';

/** @param lines of ssh's configuration, which win over those of the server */
export async function connectToSshd(
  sshd: Sshd,
  lines: readonly string[] = [],
): Promise<SshConnection> {
  const configFile = await sshd.writeConfig('devhost', lines);
  return connectSsh('devhost', { prompts: neverPrompt, configFile });
}
