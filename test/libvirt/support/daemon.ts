/** The room's libvirtd, which a test may end, restart or kill. */
import { readFile } from 'node:fs/promises';
import type { ProcessIdentity } from '../../../src/host/process';
import type { Host } from '../../../src/host/host';
import { command } from './virsh';

/** The process that its pid file names. */
export async function libvirtd(host: Host): Promise<ProcessIdentity> {
  const pid = Number(await readFile('/run/libvirtd.pid', 'utf8'));
  const [facts] = await host.inspect([pid]);
  if (facts === undefined) throw new Error(`libvirtd (${pid}) does not run`);
  return facts;
}

/** Returns when libvirtd is gone. Its domains run on. */
export async function endLibvirtd(host: Host, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const process = await libvirtd(host);
  await host.signal(process, signal);
  await host.waitForExit(process);
}

/** Returns when libvirtd takes connections. */
export async function startLibvirtd(): Promise<void> {
  await command('libvirtd', ['--daemon']);
}

export async function restartLibvirtd(
  host: Host,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  await endLibvirtd(host, signal);
  await startLibvirtd();
}
