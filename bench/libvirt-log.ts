/**
 * `npm run bench:log [-- --gib N]`: how fast a saved log of libvirt becomes a trace, and in how much
 * memory. The log is a real one over and over, of both sides of a migration: almost every line is of
 * the one domain. It is read twice, as `sidestep log` does: for its domains, and for the trace.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { surveyLogs } from '../src/engine/libvirt-log/survey';
import { chooseDomain, traceLogs } from '../src/engine/libvirt-log/trace-logs';
import { TraceWriter } from '../src/engine/trace/file';
import { openLocalHost } from '../src/host/local';
import { logPath } from '../test/libvirt/log/logs';

const { values } = parseArgs({ options: { gib: { type: 'string', default: '1' } } });
const bytes = Number(values.gib) * 1024 ** 3;

/** Of all of it on one core; and of the second half of the log, against the first. */
const goals = { mbPerSecond: 50, memoryGrowth: 1.2 };

/** The most memory that the process took, in MB, in each half of the work. */
class MemoryWatch {
  readonly halves: [number, number] = [0, 0];

  look(read: number): void {
    const half = read < bytes / 2 ? 0 : 1;
    this.halves[half] = Math.max(this.halves[half], process.memoryUsage.rss() / 1e6);
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-bench-'));
  const host = openLocalHost();
  try {
    const path = join(folder, 'libvirtd.log');
    writeLog(path);
    const memory = new MemoryWatch();
    // All that the process works, whichever core it is on: what other threads did is counted.
    const begun = process.cpuUsage();
    const survey = await surveyLogs(host, [path]);
    const surveyed = seconds(begun);
    const writer = new TraceWriter(host.openAppend(join(folder, 'trace')), (error) => {
      throw error;
    });
    await traceLogs(host, survey, chooseDomain(survey), writer.listener, {
      onProgress(read) {
        memory.look(read);
      },
    });
    await writer.close();
    const inAll = seconds(begun);
    report(surveyed, inAll, memory.halves);
  } finally {
    await host.dispose();
    rmSync(folder, { recursive: true });
  }
}

/** Of CPU, since `begun`. */
function seconds(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1e6;
}

function report(surveyed: number, inAll: number, [first, second]: readonly [number, number]): void {
  const speed = (time: number) => `${(bytes / 1e6 / time).toFixed(0)} MB/s`;
  const isFast = bytes / 1e6 / inAll >= goals.mbPerSecond;
  const isFlat = second <= first * goals.memoryGrowth;
  process.stdout.write(
    `${values.gib} GiB of log on one core: ${speed(inAll)} in all (goal: ${goals.mbPerSecond}), ${speed(surveyed)} for its domains, ${speed(inAll - surveyed)} for the trace\n` +
      `memory: ${first.toFixed(0)} MB in the first half, ${second.toFixed(0)} MB in the second\n`,
  );
  if (!isFast || !isFlat) {
    process.stdout.write('The goal is missed.\n');
    process.exitCode = 1;
  }
}

function writeLog(path: string): void {
  const names = ['9.0-source.log', '9.0-target.log'];
  const piece = Buffer.concat(names.map((name) => readFileSync(logPath(name))));
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece);
  closeSync(file);
}

void main();
