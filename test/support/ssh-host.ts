/** Hosts behind a real sshd on loopback: this machine by another way. */
import { connectSsh } from '../../src/host/ssh/connect';
import type { SshConnection } from '../../src/host/ssh/connection';
import { neverPrompt } from '../../src/host/ssh/prompts';
import { openSshHost, type SshHost, type SshHostOptions } from '../../src/host/ssh';
import { startSshd, type Sshd } from './sshd';

/** One server for all tests that want nothing special of it. */
let shared: Promise<Sshd> | undefined;
after(async () => {
  await (await shared)?.stop();
});

export function sharedSshd(): Promise<Sshd> {
  return (shared ??= startSshd());
}

/** @param lines of ssh's configuration, which win over those of the server */
export async function connectToSshd(
  sshd: Sshd,
  lines: readonly string[] = [],
): Promise<SshConnection> {
  const configFile = await sshd.writeConfig('devhost', lines);
  return connectSsh('devhost', { prompts: neverPrompt, configFile });
}

export async function openTestHost(options?: SshHostOptions): Promise<SshHost> {
  return openSshHost(await connectToSshd(await sharedSshd()), options);
}
