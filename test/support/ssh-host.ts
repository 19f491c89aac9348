/** Hosts behind a real sshd on loopback, for suites: this machine by another way. */
import { openSshHost, type SshHost, type SshHostOptions } from '../../src/host/ssh';
import { connectToSshd } from './connect-sshd';
import { startSshd, type Sshd } from './sshd';

/** One server for all tests that want nothing special of it. */
let shared: Promise<Sshd> | undefined;
after(async () => {
  await (await shared)?.stop();
});

export async function openTestHost(options?: SshHostOptions): Promise<SshHost> {
  shared ??= startSshd();
  return openSshHost(await connectToSshd(await shared), options);
}
