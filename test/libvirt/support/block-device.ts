/** Block devices with a file behind them, root's as those of LVM are. */
import { command } from './virsh';

export async function addBlockDevice(file: string): Promise<string> {
  return (await command('losetup', ['--find', '--show', file])).trim();
}

export async function removeBlockDevice(device: string): Promise<void> {
  await command('chown', ['0:0', device]);
  await command('losetup', ['--detach', device]);
}
