/** Network interfaces on the host that are made for an instance. */
import type { Host } from '../../host/host';
import { SidestepError } from '../errors';
import type { Tap } from '../plan/plan';
import type { User } from '../state/records';

/**
 * Makes them and plugs them in, for a QEMU that runs as this user, by default as we do.
 * @throws SidestepError `TAP_FAILED`
 */
export async function addTaps(
  host: Host,
  taps: readonly Tap[],
  user: User | undefined,
): Promise<void> {
  if (taps.length === 0) return;
  const owner = user === undefined ? '' : ` user ${user.uid}`;
  const lines = taps.flatMap(({ device, bridge, multiQueue }) => [
    `tuntap add dev ${device} mode tap${owner}${multiQueue ? ' multi_queue' : ''}`,
    `link set dev ${device} master ${bridge} up`,
  ]);
  const { status, stderr } = await host.run(['ip', '-batch', '-'], {
    stdin: `${lines.join('\n')}\n`,
  });
  if (status === 0) return;
  throw new SidestepError(
    'TAP_FAILED',
    `A network interface for the target could not be made: ${stderr.toString().trim().split('\n')[0] ?? ''}`,
    { hint: 'It takes the right to set up the network: be root on the host, or use sudo for it.' },
  );
}

/** Those that are gone already are no failure. */
export async function removeTaps(host: Host, devices: readonly string[]): Promise<void> {
  if (devices.length === 0) return;
  const lines = devices.map((device) => `link delete dev ${device}`);
  await host.run(['ip', '-force', '-batch', '-'], { stdin: `${lines.join('\n')}\n` });
}
