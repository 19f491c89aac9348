/** A domain with the boot-sector guest in it, on QEMU 7.2. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, type OwnState } from './extension';

export interface WalkerNode {
  readonly kind: 'domain';
  readonly hostId: 'local';
  readonly uuid: string;
  readonly name: string;
}

/** @returns its node, as the tree hands it to commands */
export async function startWalker(
  own: OwnState,
  name: string,
  more: readonly string[] = [],
): Promise<WalkerNode> {
  const [word = name] = name.split(' ');
  const image = join(own.folder, `${word}.img`);
  copyFileSync(machine().walker, image);
  const engine = await own.engine();
  const { domain } = await engine.start({
    name,
    emulator: 'qemu-system-x86_64',
    cwd: own.folder,
    arguments: [
      ...['-machine', 'q35', '-nodefaults', '-display', 'none', '-m', '64'],
      ...['-drive', `file=${image},format=raw,if=virtio`, ...more],
    ],
  });
  return { kind: 'domain', hostId: 'local', uuid: domain.uuid, name };
}

/** One that walks by now: before that its RAM is empty, and copied at once. */
export async function startWalking(own: OwnState, name: string): Promise<WalkerNode> {
  const serial = join(own.folder, 'serial.log');
  const walker = await startWalker(own, name, ['-serial', `file:${serial}`]);
  const { host } = (await own.engine()).state;
  await new Promise<void>((resolve) => {
    const growth = host.watchGrowth(serial, 0, (data) => {
      if (!data.includes('\n')) return;
      growth.dispose();
      resolve();
    });
  });
  return walker;
}
