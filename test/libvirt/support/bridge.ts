/** A bridge in the room's own network, on which the room has the address that the Linux guest has as its gateway. */
import { command } from './virsh';

export const bridgeName = 'guests';

/** The Linux guest's own address. */
export const guestAddress = '10.0.2.15';

export async function addBridge(): Promise<void> {
  await command('ip', ['link', 'add', bridgeName, 'type', 'bridge', 'forward_delay', '0']);
  await command('ip', ['address', 'add', '10.0.2.2/24', 'dev', bridgeName]);
  await command('ip', ['link', 'set', bridgeName, 'up']);
}

export async function removeBridge(): Promise<void> {
  await command('ip', ['link', 'delete', bridgeName]);
}
