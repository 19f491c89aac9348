/**
 * One Linux guest under load goes from QEMU to QEMU, in one mode after the other, and nothing of it
 * suffers, nor does anything grow. `npm run test:soak -- --hops N` for more hops than the 20 of `npm test`.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Mode } from '../../src/engine/mode';
import { timeLimit } from '../../src/host/time-limit';
import { qemu100, qemu72 } from '../support/emulators';
import { diskTemplate, linuxAppend, linuxInitrd, linuxKernel } from '../support/guests';
import { freePort } from '../support/net';
import { checkTicks } from '../support/invariant';
import { EngineBench } from '../support/workbench';

const hops = Number(process.env['SIDESTEP_HOPS'] ?? 20);

/**
 * In turn. Each is possible from where the one before has led. `precopy` is left out where 7.2 would
 * send: its copy damages guests by itself (docs/reliability.md).
 */
const routes: Readonly<Record<string, readonly (readonly [Mode, string])[]>> = {
  'of RAM in a file, to the newer QEMU and back': [
    ['ignore-shared', qemu100],
    ['precopy', qemu100],
    ['ignore-shared', qemu72],
    ['ignore-shared', qemu100],
    ['precopy', qemu72],
  ],
  'of RAM in a memfd, in the newer QEMU': [
    ['cpr-transfer', qemu100],
    ['precopy', qemu100],
    ['cpr-transfer', qemu100],
  ],
};

describe(`A guest under load, after ${hops} hops`, function () {
  this.timeout(60_000 + hops * 5_000);
  const bench = EngineBench.forEachTest();

  for (const [what, route] of Object.entries(routes)) {
    it(`${what}: goes on as if nothing had been`, async () => {
      const port = await freePort();
      const [disk, serial] = [bench.path('disk.qcow2'), bench.path('serial.txt')];
      await copyFile(diskTemplate, disk);
      const isFile = what.includes('file');
      const { domain } = await bench.engine.start({
        ...{ name: 'soak', cwd: bench.folder, ram: isFile ? 'file' : 'memfd' },
        emulator: isFile ? qemu72 : qemu100,
        arguments: [
          ...['-machine', 'pc-q35-7.2', '-m', '256', '-nodefaults', '-display', 'none'],
          ...['-kernel', linuxKernel, '-initrd', linuxInitrd, '-append', `${linuxAppend} load`],
          ...['-drive', `file=${disk},if=virtio,format=qcow2`, '-serial', `file:${serial}`],
          ...['-netdev', `user,id=lan,hostfwd=tcp:127.0.0.1:${port}-:80`],
          ...['-device', 'virtio-net-pci,netdev=lan,romfile='],
          ...['-qmp', `unix:${bench.path('user.sock')},server=on,wait=off`],
        ],
      });
      await prints(serial, 'tick 20 ');

      let early: Held | undefined;
      let tick = 0;
      for (let hop = 0; hop < hops; hop++) {
        const [mode, emulator] = route[hop % route.length] ?? ['precopy', qemu100];
        const { takenBack, target } = await bench.engine.migrate({
          domain: domain.uuid,
          mode,
          emulator,
        });
        assert.deepEqual(
          takenBack.filter(({ error }) => error !== undefined),
          [],
          `hop ${hop} by ${mode}`,
        );
        tick = await tickServedAfter(tick, port);
        // Once around, so that all that is loaded once has been.
        if (hop === route.length - 1) early = await held(bench, target.process.pid);
        if (hop >= route.length && hop % route.length === route.length - 1 && early) {
          assertNotMore(await held(bench, target.process.pid), early, `after hop ${hop}`);
        }
      }

      checkTicks(await readFile(serial, 'latin1'));
      await bench.engine.destroy(domain.uuid);
      await promisify(execFile)('qemu-img', ['check', disk]);
    });
  }
});

/** What could grow from hop to hop. */
interface Held {
  readonly descriptors: number;
  readonly descriptorsOfQemu: number;
  readonly filesOfState: number;
  readonly files: number;
  readonly heapMiB: number;
}

async function held(bench: EngineBench, pid: number): Promise<Held> {
  const count = async (folder: string, recursive = false) =>
    (await readdir(folder, { recursive })).length;
  const traces = await count(`${bench.stateFolder}/traces`);
  collectGarbage();
  return {
    descriptors: await count('/proc/self/fd'),
    descriptorsOfQemu: await count(`/proc/${pid}/fd`),
    filesOfState: (await count(bench.stateFolder, true)) - traces,
    files: await count(bench.folder),
    heapMiB: process.memoryUsage().heapUsed / 1024 ** 2,
  };
}

/** By how much each may differ between two moments by itself. */
const slack: Held = {
  // Connections that have just ended, or not yet.
  descriptors: 3,
  descriptorsOfQemu: 3,
  filesOfState: 0,
  files: 0,
  heapMiB: 10,
};

function assertNotMore(now: Held, before: Held, when: string): void {
  for (const [what, most] of Object.entries(slack)) {
    const [has, had] = [now, before].map((each) => each[what as keyof Held]);
    assert.ok(Number(has) <= Number(had) + Number(most), `${what}: ${had}, and ${has} ${when}`);
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** How long a guest on a busy machine may take for a tick, in ms. */
const tickMs = 60_000;

/** The guest goes on: a hop may take less time than a tick. */
async function tickServedAfter(before: number, port: number): Promise<number> {
  const signal = timeLimit(tickMs);
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal });
    const tick = Number(/^tick (\d+) /.exec(await answer.text())?.[1]);
    assert.ok(tick >= before, `tick ${tick} after tick ${before}`);
    if (tick > before) return tick;
    await delay(20, undefined, { signal });
  }
}

async function prints(path: string, text: string): Promise<void> {
  for (;;) {
    if ((await readFile(path, 'latin1').catch(() => '')).includes(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
