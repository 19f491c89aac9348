/** The migration's channel breaks, at a step and at moments within the one in which the guest goes over. */
import { rename } from 'node:fs/promises';
import type { Server } from 'node:net';
import { BreakableChannel, type ChannelKind } from '../../support/breakable-channel';
import { listenOn } from '../../support/net';
import { isAfter, stepsOf, type Point } from '../../support/steps';
import type { Mode } from '../../../src/engine/mode';
import type { Outcome } from '../../../src/engine/trace/record';
import type { Migrated } from '../../support/workbench';
import { afterSwitchover, targetRan, type Course } from '../course';
import { migrateWith, type Fault, type Scene, type Strike } from '../fault';

/** While QEMU is at it. */
const isUnderWay = ({ step }: Point) => step === 'await-completion';

/** From where on there is a channel: on `cpr-transfer` the target listens when the source waits already. */
function hasChannel(point: Point, mode: Mode): boolean {
  return isAfter(
    stepsOf(mode),
    point,
    mode === 'cpr-transfer' ? 'open-channel' : 'configure-source',
  );
}

async function migrateBy(
  kind: ChannelKind,
  scene: Scene,
  strike: (channel: BreakableChannel) => ReturnType<Strike>,
  options: (channel: BreakableChannel) => Parameters<typeof migrateWith>[2] = () => ({}),
): Promise<Migrated> {
  const channel = new BreakableChannel(kind);
  scene.monitors.incoming = async (path) => {
    await channel.listen(path, `${path}.real`);
    return `${path}.real`;
  };
  try {
    return await migrateWith(scene, () => strike(channel), options(channel));
  } finally {
    scene.monitors.incoming = undefined;
    channel.close();
  }
}

/**
 * A source that is not told that all has arrived goes on, where the disks' locks let it; the target does
 * so too, and the source is stopped at once. Of RAM that both had, nobody can say then what it is worth:
 * who migrates is told, and who comes later goes on with the target.
 */
const overlap = { running: { overlapMs: 2000 } };
const leavesOne = (course: Course): readonly Outcome[] => [targetRan(course) ? 'moved' : 'stayed'];
const told = /^(CHANNEL_CUT|MIGRATION_FAILED|DISK_LOCKED)$/;

/** Of postcopy, whose guest runs by then, test/engine/postcopy.test.ts has it. */
const isLate: Fault['canComeBefore'] = (point, mode) => isUnderWay(point) && mode !== 'postcopy';

export const brokenChannels: readonly Fault[] = [
  {
    name: 'the channel cut',
    canComeBefore: hasChannel,
    befall: (scene) =>
      migrateBy(isUnderWay(scene.point) ? 'slow' : 'whole', scene, async (channel) => {
        if (isUnderWay(scene.point)) await channel.used;
        channel.close();
      }),
    leaves: (course) => [afterSwitchover(course) ? 'moved' : 'stayed'],
    told,
  },
  {
    name: 'the channel of the descriptors cut',
    canComeBefore: ({ step }, mode) => step === 'migrate' && mode === 'cpr-transfer',
    async befall(scene) {
      let server: Server | undefined;
      try {
        return await migrateWith(scene, async ({ bench, walker }) => {
          const { cpr } = bench.engine.state.instancePaths(walker.first.id + 1, {});
          await rename(cpr, `${cpr}.real`);
          server = await listenOn({ path: cpr });
        });
      } finally {
        server?.close();
      }
    },
    leaves: () => ['stayed'],
    told: /^(COMMAND|MIGRATION)_FAILED$/,
  },
  {
    name: 'the channel cut when all but the end has arrived',
    canComeBefore: isLate,
    befall: (scene) =>
      migrateBy(
        'keeps the end',
        scene,
        async (channel) => {
          await channel.used;
          await channel.break();
        },
        () => overlap,
      ),
    leaves: leavesOne,
    told,
    mayRunTwice: true,
  },
  {
    name: 'the channel cut when the guest runs at the target, which could not say so',
    canComeBefore: isLate,
    befall: (scene) =>
      migrateBy(
        'keeps the answers',
        scene,
        () => undefined,
        (channel) => ({
          ...overlap,
          onRecord(record) {
            if (record.type === 'qmp' && record.name === 'RESUME') channel.close();
          },
        }),
      ),
    leaves: leavesOne,
    told,
    mayRunTwice: true,
  },
];
