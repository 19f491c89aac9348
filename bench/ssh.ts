/** This machine behind a real sshd: on loopback, and a round trip of 100 ms away. */
import type { Host } from '../src/host/host';
import { openSshHost } from '../src/host/ssh';
import { connectToSshd } from '../test/support/connect-sshd';
import { startSlowProxy } from '../test/support/slow-proxy';
import { startSshd } from '../test/support/sshd';

export const roundTripMs = 100;

export interface SshBench {
  readonly near: () => Promise<Host>;
  readonly far: () => Promise<Host>;
  close(): Promise<void>;
}

export async function openSshBench(): Promise<SshBench> {
  const sshd = await startSshd();
  const proxy = await startSlowProxy(sshd.port, roundTripMs / 2);
  const open = async (lines: readonly string[]) => openSshHost(await connectToSshd(sshd, lines));
  return {
    near: () => open([]),
    far: () => open([`Port ${proxy.port}`, `HostKeyAlias [127.0.0.1]:${sshd.port}`]),
    async close() {
      await proxy.close();
      await sshd.stop();
    },
  };
}
