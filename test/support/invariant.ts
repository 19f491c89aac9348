/**
 * The invariant of every migration, whatever fails: never two instances run the guest, and never
 * none for longer than the switchover. One checker for all tests, with two witnesses: QEMU, by its
 * STOP and RESUME events with QEMU's own times, and the guest, by what it printed.
 */
import assert from 'node:assert/strict';
import type { TraceRecord } from '../../src/engine/trace/record';
import { walkerSteps } from './guests';

export interface RunningOptions {
  /**
   * How long no instance may run the guest, in ms: QEMU's own downtime limit is 300, and a machine at
   * work on other things stalls.
   */
  readonly switchoverMs?: number;
  /** Whether the guest is to run at the end as it did at the beginning. By default it is. */
  readonly runsOn?: boolean;
  /** How long two may run the guest, in ms, where QEMU itself sets the second one running. */
  readonly overlapMs?: number;
}

interface Change {
  readonly at: number;
  readonly instance: number;
  readonly runs: boolean;
}

/**
 * Checks the records of one migration, or of several in turn.
 * @returns the instance that runs the guest at the end, undefined if none does
 * @throws AssertionError that says which instances ran, or for how long none did
 */
export function checkRunning(
  records: readonly TraceRecord[],
  { switchoverMs = 3000, runsOn = true, overlapMs }: RunningOptions = {},
): number | undefined {
  const running = new Set<number>();
  let overlapsFrom: number | undefined;
  let stoppedAt: number | undefined;
  let everRan = false;
  for (const { at, instance, runs } of changes(records)) {
    if (runs) {
      running.add(instance);
      everRan = true;
      if (running.size > 1) overlapsFrom = at;
      assert.ok(
        running.size < 2 || overlapMs !== undefined,
        `instances ${[...running].join(' and ')} both ran the guest at ${at} µs`,
      );
      const gapMs = stoppedAt === undefined ? 0 : (at - stoppedAt) / 1000;
      assert.ok(gapMs <= switchoverMs, `no instance ran the guest for ${gapMs} ms`);
      stoppedAt = undefined;
    } else if (running.delete(instance)) {
      if (running.size === 0) stoppedAt = at;
      else assert.ok(at - (overlapsFrom ?? at) <= (overlapMs ?? 0) * 1000, 'both ran for too long');
    }
  }
  if (everRan && runsOn) assert.equal(running.size, 1, 'no instance runs the guest at the end');
  return [...running][0];
}

/** Checks what the walker printed, at all instances together: no step is left out or taken twice. */
export function checkSteps(output: string): void {
  const steps = walkerSteps(output);
  steps.forEach((step, index) => {
    assert.equal(step, index, `the walker printed step ${step} where step ${index} was due`);
  });
}

/**
 * Checks what the Linux guest printed, at all instances together: no tick is left out or counted twice,
 * its uptime goes on, and its RAM was as it left it.
 * @returns the number of ticks
 */
export function checkTicks(output: string): number {
  assert.doesNotMatch(output, /load broken/);
  const ticks = [...output.matchAll(/^tick (\d+) uptime ([\d.]+)\r?\n/gm)];
  let lastUptime = 0;
  ticks.forEach(([line, tick, uptime], index) => {
    assert.equal(Number(tick), index + 1, `${line.trim()}: a tick is missing, or there twice`);
    assert.ok(Number(uptime) > lastUptime, `${line.trim()}, after uptime ${lastUptime}`);
    lastUptime = Number(uptime);
  });
  return ticks.length;
}

/** When an instance began or ceased to run the guest, by QEMU's clock where that is known. */
function changes(records: readonly TraceRecord[]): Change[] {
  return records
    .flatMap((record): Change[] => {
      if (record.type === 'qmp' && record.kind === 'event') {
        const runs = record.name === 'RESUME' ? true : record.name === 'STOP' ? false : undefined;
        return runs === undefined ? [] : [{ at: record.at, instance: record.instance, runs }];
      }
      // What a query tells, where no event has: the guest before, and an instance that is gone.
      if (record.type !== 'run-state') return [];
      return [{ at: record.at, instance: record.instance, runs: record.state === 'running' }];
    })
    .sort((a, b) => a.at - b.at);
}
