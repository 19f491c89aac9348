/** A domain with the boot-sector guest in it, on QEMU 7.2. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, type OwnState } from './extension';

export interface WalkerNode {
  readonly kind: 'domain';
  readonly hostId: 'local';
  readonly uuid: string;
  readonly name: string;
}

/** @returns its node, as the tree hands it to commands */
export function startWalker(
  own: OwnState,
  name: string,
  more: readonly string[] = [],
): Promise<WalkerNode> {
  const image = imageOf(own, name);
  copyFileSync(machine().walker, image);
  return start(own, name, image, ['-m', '64', ...more]);
}

/** One that writes its RAM faster than it can be copied: `precopy` does not converge by itself. */
export function startBusyWalker(own: OwnState, name: string): Promise<WalkerNode> {
  const image = imageOf(own, name);
  // As `writeWalkerImage` of test/support/guests.ts does: where its walk ends, and its pace.
  const data = readFileSync(machine().walker);
  data.writeUInt32LE(1023 * 1024 ** 2, 8);
  data.writeUInt16LE(1193, 12);
  writeFileSync(image, data);
  return start(own, name, image, ['-m', '1024']);
}

function imageOf(own: OwnState, name: string): string {
  const [word = name] = name.split(' ');
  return join(own.folder, `${word}.img`);
}

async function start(
  own: OwnState,
  name: string,
  image: string,
  more: readonly string[],
): Promise<WalkerNode> {
  const engine = await own.engine();
  const { domain } = await engine.start({
    name,
    emulator: 'qemu-system-x86_64',
    cwd: own.folder,
    arguments: [
      ...['-machine', 'q35', '-nodefaults', '-display', 'none'],
      ...['-drive', `file=${image},format=raw,if=virtio`],
      ...more,
    ],
  });
  return { kind: 'domain', hostId: 'local', uuid: domain.uuid, name };
}
