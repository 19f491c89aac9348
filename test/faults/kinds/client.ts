/** The one who migrates is gone, and others are there: he was killed, or is cut off from the host. */
import assert from 'node:assert/strict';
import type { CloseAction } from '../../../src/engine/migration/on-close';
import { openLocalHost } from '../../../src/host/local';
import { openSshHost } from '../../../src/host/ssh';
import { connectToSshd } from '../../support/connect-sshd';
import { qemu100 } from '../../support/emulators';
import { OtherClient } from '../../support/other-client';
import { startSshd, type Sshd } from '../../support/sshd';
import type { Migrated } from '../../support/workbench';
import { afterSwitchover, type Course } from '../course';
import { migrateWith, type Fault, type Scene } from '../fault';

let started: Promise<Sshd> | undefined;
after(async () => {
  await (await started)?.stop();
});
const sshd = () => (started ??= startSshd());

const overSsh = async () => openSshHost(await connectToSshd(await sshd()));
const locally = () => Promise.resolve(openLocalHost());

async function migrateOverSsh(scene: Scene): Promise<Migrated> {
  await scene.bench.reconnect(overSsh);
  return migrateWith(scene, async () => (await sshd()).dropSessions());
}

/** @param onClose what it says beforehand of this */
export async function killClient(
  { bench, walker, mode, point: { phase, step } }: Scene,
  onClose: CloseAction,
): Promise<undefined> {
  const at = `${phase}/${step}`;
  const client = new OtherClient(
    ...['migrate', bench.stateFolder, at, walker.name, mode, qemu100, onClose],
  );
  assert.deepEqual(await client.says(), { at });
  await client.kill();
}

/** QEMU needs nobody to bring the guest across, and nobody can tell it from one that is killed later. */
function leaves(course: Course) {
  return afterSwitchover(course) ? (['moved'] as const) : (['refused', 'stayed', 'moved'] as const);
}

export const cutOff: readonly Fault[] = [
  {
    name: 'the client killed',
    befall: (scene) => killClient(scene, 'finish'),
    cutsUsOff: true,
    leaves,
  },
  {
    name: 'the SSH connection cut, and there again',
    befall: migrateOverSsh,
    heal: ({ bench }) => bench.reconnect(overSsh),
    cutsUsOff: true,
    leaves,
    told: /^DISCONNECTED$/,
  },
  {
    name: 'the SSH connection cut for good',
    befall: migrateOverSsh,
    heal: ({ bench }) => bench.reconnect(locally),
    cutsUsOff: true,
    leaves,
    told: /^DISCONNECTED$/,
  },
];
