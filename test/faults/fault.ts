/** A fault comes before a step of a migration. */
import assert from 'node:assert/strict';
import type { MigrateOptions } from '../../src/engine/migration/migrate';
import type { Mode } from '../../src/engine/mode';
import type { Outcome } from '../../src/engine/trace/record';
import { qemu100 } from '../support/emulators';
import type { RunningOptions } from '../support/invariant';
import type { Point } from '../support/steps';
import type { EngineBench, Migrated, Walker } from '../support/workbench';
import type { Course } from './course';
import type { FaultyMonitors } from '../support/faulty-host';

/** A migration that is to meet with a fault. */
export interface Scene {
  readonly bench: EngineBench;
  readonly walker: Walker;
  readonly mode: Mode;
  readonly point: Point;
  readonly monitors: FaultyMonitors;
  /** The file system that the state folder is on: small, and its own. */
  readonly smallDisk: string;
}

export interface Fault {
  readonly name: string;
  /** Whether it can come before that step; it can before any by default. */
  canComeBefore?(point: Point, mode: Mode): boolean;
  /** Migrates, and comes over it. Undefined if nobody is left to tell how it went. */
  befall(scene: Scene): Promise<Migrated | undefined>;
  /** Afterwards, however the migration went. */
  heal?(scene: Scene): Promise<void> | void;
  /** Whether it takes the one who migrates from his QEMUs, so that another goes on. */
  readonly cutsUsOff?: boolean;
  /** What may become of the guest. By default it lives. */
  leaves?(course: Course): readonly Outcome[];
  /** Whether QEMU may set the guest running at both for a moment: what it says then proves nothing. */
  readonly mayRunTwice?: boolean;
  /** Codes of what is told where the guest did not move. */
  readonly told?: RegExp;
}

export type Strike = (scene: Scene) => Promise<void> | void;

/** Migrates ourselves, with the fault before the step. */
export async function migrateWith(
  scene: Scene,
  strike: Strike,
  { running, ...options }: MigrateOptions & { readonly running?: RunningOptions } = {},
): Promise<Migrated> {
  const { walker, mode, point } = scene;
  let struck: Promise<void> | undefined;
  const migrated = await walker.attempt({
    mode,
    emulator: qemu100,
    // A QEMU that stands still may do so within the switchover.
    switchoverMs: 10_000,
    ...running,
    options: {
      ...options,
      async beforeStep(...now) {
        await options.beforeStep?.(...now);
        if (struck !== undefined || now[0] !== point.phase || now[1] !== point.step) return;
        struck = Promise.resolve(strike(scene));
        // That it failed is told below: to the engine it is no reason to stop.
        await struck.catch(() => undefined);
      },
    },
  });
  assert.ok(struck !== undefined, 'the migration did not come to the step');
  await struck;
  return migrated;
}

export const striking =
  (strike: Strike): Fault['befall'] =>
  (scene) =>
    migrateWith(scene, strike);
