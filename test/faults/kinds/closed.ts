/** The one who migrates goes away as he said beforehand, or somebody else ends the migration. */
import assert from 'node:assert/strict';
import { Engine } from '../../../src/engine/engine';
import { asSidestepError } from '../../../src/engine/errors';
import type { CloseAction } from '../../../src/engine/migration/on-close';
import { openLocalHost } from '../../../src/host/local';
import type { Migrated } from '../../support/workbench';
import { afterSwitchover, type Course } from '../course';
import { migrateWith, type Fault, type Scene } from '../fault';
import { killClient } from './client';

async function closeClient(scene: Scene, onClose: CloseAction): Promise<Migrated> {
  let closing: Promise<void> | undefined;
  const strike = () => {
    closing = scene.bench.engine.leave();
  };
  const migrated = await migrateWith(scene, strike, { onClose });
  await closing;
  return migrated;
}

/** Beside the migration, which goes on meanwhile. */
async function cancelFromElsewhere(scene: Scene): Promise<Migrated> {
  const { bench, walker } = scene;
  const host = openLocalHost();
  const other = await Engine.open(host, bench.stateFolder);
  let cancelling: Promise<string> | undefined;
  try {
    const strike = () => {
      cancelling = other.cancelMigration(walker.name).then(
        () => 'cancelled',
        (error: unknown) => asSidestepError(error).code,
      );
    };
    const migrated = await migrateWith(scene, strike);
    const said = await cancelling;
    // As early, or as late, as that may be there is nothing to be cancelled.
    const words = migrated.outcome === 'moved' ? /^(NOT_MIGRATING|SWITCHED_OVER)$/ : /^cancelled$/;
    assert.match(String(said), words);
    return migrated;
  } finally {
    await other.close();
    await host.dispose();
  }
}

function leaves(course: Course) {
  return afterSwitchover(course) ? (['moved'] as const) : (['refused', 'stayed', 'moved'] as const);
}

export const closed: readonly Fault[] = [
  {
    name: 'the client closed',
    befall: (scene) => closeClient(scene, 'finish'),
    leaves,
    told: /^(CANCELLED|LEFT_TO_QEMU)$/,
  },
  {
    name: 'the client closed, which is to cancel',
    befall: (scene) => closeClient(scene, 'cancel'),
    leaves,
    told: /^CANCELLED$/,
  },
  {
    name: 'the client killed, which is to cancel',
    befall: (scene) => killClient(scene, 'cancel'),
    cutsUsOff: true,
    leaves,
  },
  {
    name: 'a cancel by another client',
    befall: cancelFromElsewhere,
    leaves,
    told: /^CANCELLED_ELSEWHERE$/,
  },
];
