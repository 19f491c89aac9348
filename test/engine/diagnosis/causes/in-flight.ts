/** What happens to the target, or to the channel, while RAM is on its way. */
import type { Migrated } from '../../../support/workbench';
import { lockImage, type ImageLock } from '../../../support/image-lock';
import type { Cause, Scene } from '../cause';

/** RAM of which there is something to send, and a monitor of the user's own. */
const guest = (path: Scene['path']) =>
  ({
    ram: 'memfd',
    arguments: ['-qmp', `unix:${path('user.sock')},server=on,wait=off`],
  }) as const;

/** Migrates at a bandwidth that lets the fault come in time, once RAM has begun to go over. */
function meanwhile(fault: (scene: Scene) => Promise<void>) {
  return async (scene: Scene): Promise<Migrated> => {
    let done: Promise<void> | undefined;
    const migrated = await scene.walker.migrate({
      mode: 'precopy',
      options: {
        beforeStep: async (_, step) => {
          if (step === 'migrate') await limitBandwidth(scene);
        },
        onRecord: (record) => {
          if (record.type === 'ram' && record.transferred > 0) done ??= fault(scene);
        },
      },
    });
    await done;
    return migrated;
  };
}

async function limitBandwidth({ bench, walker, path }: Scene, mebibytes = 10): Promise<void> {
  await bench.qmp({ ...walker.first, monitor: path('user.sock') }, (client) =>
    client.execute('migrate-set-parameters', { 'max-bandwidth': mebibytes * 1024 ** 2 }),
  );
}

function killing(signal: NodeJS.Signals) {
  return meanwhile(async ({ bench, walker }) => {
    const { pid } = await bench.targetOf(walker);
    process.kill(pid, signal);
  });
}

/** `yank` shuts the channel down as a broken network would. */
function yanking(monitorOf: (scene: Scene) => Promise<string>) {
  return meanwhile(async (scene) => {
    const monitor = await monitorOf(scene);
    await scene.bench.qmp({ ...scene.walker.first, monitor }, (client) =>
      client.execute('yank', { instances: [{ type: 'migration' }] }),
    );
  });
}

/** Somebody begins to read the disk when the plan is made, and ends when neither QEMU gets it. */
async function lockingDisk({ walker, path }: Scene): Promise<Migrated> {
  let lock: ImageLock | undefined;
  const migrated = await walker.migrate({
    mode: 'precopy',
    options: {
      beforeStep: async (_, step) => {
        if (step === 'migrate') lock = await lockImage(path('walker-1.img'));
      },
      onRecord: (record) => {
        if (record.type === 'warning' && record.code === 'SETTLING') void lock?.release();
      },
    },
  });
  await lock?.release();
  return migrated;
}

export const inFlight: readonly Cause[] = [
  {
    cause: 'the guest changes its RAM faster than the channel carries it',
    code: 'NOT_CONVERGING',
    names:
      /longer than the 6 s .*The guest changes \S+ MiB of its RAM a second, and the channel carries \S+ MiB: after \d+ passes/,
    guest: (path) => ({ ...guest(path), stepsPerSecond: 1000 }),
    migrate: async (scene) =>
      scene.walker.migrate({
        mode: 'precopy',
        options: {
          timeoutMs: 6000,
          beforeStep: async (_, step) => {
            if (step === 'migrate') await limitBandwidth(scene, 60);
          },
        },
      }),
  },
  {
    cause: 'the target is killed in the middle',
    code: 'TARGET_KILLED',
    names: /The target \(instance 2\) was killed by SIGKILL/,
    guest,
    migrate: killing('SIGKILL'),
  },
  {
    cause: 'the target crashes in the middle',
    code: 'TARGET_CRASHED',
    names: /The target \(instance 2\) crashed with SIGSEGV/,
    guest,
    migrate: killing('SIGSEGV'),
  },
  {
    cause: 'another process locks the disk on the way',
    code: 'DISK_LOCKED',
    names: /did not get the "write" lock on \S+walker-1\.img/,
    migrate: lockingDisk,
  },
  {
    cause: 'the channel is cut at the source',
    code: 'CHANNEL_CUT',
    names: /channel was cut .* \(the source: .*\)/,
    guest,
    migrate: yanking(({ path }) => Promise.resolve(path('user.sock'))),
  },
  {
    cause: 'the channel is cut at the target',
    code: 'CHANNEL_CUT',
    names: /channel was cut/,
    guest,
    migrate: yanking(async ({ bench, walker }) => {
      const { tables } = await bench.engine.state.read();
      const target = tables.instances.find(
        ({ id, uuid }) => uuid === walker.uuid && id !== walker.first.id,
      );
      return bench.path('state', 'instances', String(target?.id), 'console.sock');
    }),
  },
];
