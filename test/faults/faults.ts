/** What may befall a migration before any of its steps, and what must come of it. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../src/host/process';
import type { EngineBench, Walker } from '../support/workbench';
import type { FaultyMonitors } from './faulty-host';

export const run = promisify(execFile);

export interface Victim {
  readonly bench: EngineBench;
  readonly walker: Walker;
  readonly monitors: FaultyMonitors;
  /** The file system that the state folder is on: small, and its own. */
  readonly smallDisk: string;
}

export interface Fault {
  readonly name: string;
  /** Whether it takes a target. */
  readonly needsTarget: boolean;
  strike(victim: Victim): Promise<void> | void;
  /** Afterwards, however the migration went. */
  heal(victim: Victim): Promise<void> | void;
}

async function holdStill(bench: EngineBench, process: ProcessIdentity): Promise<void> {
  const [facts] = await bench.host.inspect([process.pid]);
  if (facts === undefined) return;
  await bench.host.signal(facts, 'SIGSTOP');
  // Not awaited: the migration meets a QEMU that stands still.
  goesOn = delay(5_000).then(async () => {
    await bench.host.signal(facts, 'SIGCONT');
  });
}

/** The QEMU that was held still last does so no more. */
let goesOn = Promise.resolve();

export const faults: readonly Fault[] = [
  {
    name: 'the source stopped for 5 s',
    needsTarget: false,
    strike: async ({ bench, walker }) => holdStill(bench, walker.first.process),
    heal: async () => goesOn,
  },
  {
    name: 'the target stopped for 5 s',
    needsTarget: true,
    strike: async ({ bench, walker }) => holdStill(bench, await bench.targetOf(walker)),
    heal: async () => goesOn,
  },
  {
    name: 'replies 500 ms late',
    needsTarget: false,
    strike: ({ monitors }) => {
      monitors.delayMs = 500;
    },
    heal: ({ monitors }) => {
      monitors.delayMs = 0;
    },
  },
  {
    name: 'a command answered with an error',
    needsTarget: false,
    strike: ({ monitors }) => {
      monitors.falseErrors = 1;
    },
    heal: ({ monitors }) => {
      monitors.falseErrors = 0;
    },
  },
  {
    name: 'the state folder’s disk full',
    needsTarget: false,
    strike: async ({ smallDisk }) => {
      await writeFile(`${smallDisk}/filler`, Buffer.alloc(64 * 1024 ** 2)).catch(() => undefined);
    },
    heal: async ({ smallDisk }) => rm(`${smallDisk}/filler`, { force: true }),
  },
];
