/** What is measured: pairs of contenders on the same guest, in turn. */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from '../src/engine/engine';
import type { RamPlace } from '../src/engine/domain/upgrade-ready';
import type { Mode } from '../src/engine/mode';
import type { Host } from '../src/host/host';
import { openLocalHost } from '../src/host/local';
import { walkerImage } from '../test/support/guests';
import { migrateBare, type Measured } from './bare-migration';

export interface Scenario {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly mode: Mode;
  readonly ram: RamPlace;
  readonly ramMiB: number;
  /** The guest's RAM is full of data; otherwise most of it was never written to. */
  readonly isFull?: boolean;
  /** Measured over SSH, too. */
  readonly isAlsoOverSsh?: boolean;
}

/** The bare script on this machine, or the engine on a host that is opened for each migration. */
export type Contender = 'bare script' | (() => Promise<Host>);

export const engineHere: Contender = () => Promise.resolve(openLocalHost());

export interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

const turns = ['ours', 'theirs'] as const;

/** What is migrated, and by whom. */
export interface Run {
  readonly scenario: Scenario;
  readonly by: Contender;
}

/** Both in turn, so that the machine's speed and load are in both. */
export async function measure(runs: Pair<Run>, rounds: number): Promise<Pair<readonly Measured[]>> {
  const measured: Pair<Measured[]> = { ours: [], theirs: [] };
  // One unmeasured round: emulators are asked what they can do, files come into the page cache.
  for (let round = -1; round < rounds; round++) {
    // Who comes first changes from round to round: what one leaves behind is not the other's alone.
    for (const whose of round % 2 === 0 ? turns : turns.toReversed()) {
      const result = await once(runs[whose]);
      if (round >= 0) measured[whose].push(result);
    }
  }
  return measured;
}

async function once({ scenario, by: contender }: Run): Promise<Measured> {
  // The state folder lies on a memory file system, as /run is.
  const folder = await mkdtemp('/dev/shm/sidestep-bench-');
  const host = contender === 'bare script' ? openLocalHost() : await contender();
  try {
    const disk = join(folder, 'disk.img');
    await copyFile(walkerImage, disk);
    const engine = await Engine.open(host, join(folder, 'state'));
    const started = await engine.start({
      name: 'bench',
      emulator: scenario.from,
      arguments: [
        ...['-M', 'pc-q35-7.2', '-m', `${scenario.ramMiB}`, '-nodefaults', '-display', 'none'],
        ...['-serial', 'file:serial.out', '-drive', 'file=disk.img,format=raw'],
      ],
      cwd: folder,
      ram: scenario.ram,
    });
    await walks(join(folder, 'serial.out'), host);
    const [ramFile] = started.domain.ownedPaths;
    if (scenario.isFull === true && ramFile !== undefined) await fill(ramFile, scenario.ramMiB);
    const request = { domain: 'bench', emulator: scenario.to, mode: scenario.mode };
    const plan = await engine.plan(request);
    let killAfter: number | undefined;
    try {
      if (contender !== 'bare script') {
        const begin = performance.now();
        const { summary } = await engine.migrate(request);
        return {
          totalMs: performance.now() - begin,
          downtimeMs: (summary.downtimeUs ?? NaN) / 1000,
        };
      }
      const measured = await migrateBare({
        sourceMonitor: started.instance.monitor,
        sourcePid: started.instance.process.pid,
        targetDirectory: engine.state.instanceFolder(started.instance.id + 1),
        emulator: scenario.to,
        targetArguments: plan.arguments.target,
        mode: scenario.mode,
      });
      killAfter = measured.pid;
      return measured;
    } finally {
      if (killAfter !== undefined) process.kill(killAfter, 'SIGKILL');
      await engine.destroy('bench');
      // The engine knows nothing of what the bare script has started.
      for (const { kind, action, target } of plan.resources) {
        if (kind === 'ram' && action === 'unique' && target !== undefined)
          await rm(target, { force: true });
      }
    }
  } finally {
    await host.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The guest has not come so far yet. */
const firstFreeMiB = 64;
const pageBytes = 4096;

/** Writes to the guest's RAM through its file, but for what the guest checks: a page's first dword. */
async function fill(ramFile: string, ramMiB: number): Promise<void> {
  const chunk = randomBytes(64 * 1024 * 1024);
  for (let page = 0; page < chunk.length; page += pageBytes) chunk.writeUInt32LE(0, page);
  const file = await open(ramFile, 'r+');
  try {
    for (let mib = firstFreeMiB; mib + 64 <= ramMiB; mib += 64) {
      await file.write(chunk, 0, chunk.length, mib * 1024 * 1024);
    }
  } finally {
    await file.close();
  }
}

/** Resolves when the guest walks: it has printed its first steps. */
async function walks(path: string, host: Host): Promise<void> {
  await new Promise<void>((resolve) => {
    let lines = 0;
    const watch = host.watchGrowth(path, 0, (data) => {
      lines += data.toString().split('\n').length - 1;
      if (lines < 10) return;
      watch.dispose();
      resolve();
    });
  });
}
