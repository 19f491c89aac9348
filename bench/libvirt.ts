/**
 * `npm run bench:libvirt [-- --rounds N] [--write]`: both hops of a live upgrade, in a room of libvirt
 * 11.3. What the guest stands still beside what QEMU itself says of it, and the whole beside what libvirt
 * takes to restore the same domain from a file.
 */
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Engine } from '../src/engine/engine';
import type { TraceRecord } from '../src/engine/trace/record';
import { LibvirtBench } from '../test/libvirt/support/bench';
import { qemu100, qemu72, room } from '../test/libvirt/support/room';
import { virsh } from '../test/libvirt/support/virsh';
import { writeReport } from './write-report';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const memoryMiB = 2048;

interface Round {
  readonly restoreMs: number;
  readonly bothHopsMs: number;
  /** STOP to RESUME, and what QEMU reports, for each hop. */
  readonly downtimes: readonly { readonly ms: number; readonly reportedMs: number }[];
}

async function measure(bench: LibvirtBench): Promise<Round> {
  const domain = await bench.domain({ guest: 'linux', ram: 'file', memoryMiB, emulator: qemu72 });
  try {
    const image = bench.path('saved');
    await virsh('save', domain.name, image);
    const restoreMs = await timed(async () => virsh('restore', image));
    await rm(image);
    const engine = await Engine.open(bench.host, bench.path('state'));
    const records: TraceRecord[] = [];
    const bothHopsMs = await timed(async () =>
      engine.upgrade(
        { uri: 'qemu:///system', domain: domain.name },
        { mode: 'auto', emulator: qemu100, stay: false },
        { onRecord: (record) => records.push(record) },
      ),
    );
    await engine.close();
    await rm(bench.path('state'), { recursive: true });
    return { restoreMs, bothHopsMs, downtimes: downtimesIn(records) };
  } finally {
    await domain.remove();
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

function downtimesIn(records: readonly TraceRecord[]): Round['downtimes'] {
  const qmp = records.flatMap((record) => (record.type === 'qmp' ? record : []));
  const events = qmp.filter(({ kind }) => kind === 'event').sort((a, b) => a.at - b.at);
  const stops = events.filter(({ name }) => name === 'STOP');
  const resumes = events.filter(({ name }) => name === 'RESUME');
  const reported = qmp.flatMap(({ name, message }) => {
    const found = /"downtime":(\d+)/.exec(JSON.stringify(message));
    return name === 'query-migrate' && found !== null ? Number(found[1]) : [];
  });
  return stops.map((stop, hop) => ({
    ms: ((resumes[hop]?.at ?? NaN) - stop.at) / 1000,
    reportedMs: reported[hop] ?? NaN,
  }));
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const bench = new LibvirtBench();
  await bench.open();
  const rounds: Round[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await measure(bench));
  await bench.close();
  const ms = (pick: (round: Round) => number) => `${median(rounds.map(pick)).toFixed(1)} ms`;
  const report = [
    '| what | median | beside it | goal |',
    '| --- | --- | --- | --- |',
    `| downtime of hop 1, to Sidestep's instance | ${ms((r) => r.downtimes[0]?.ms ?? NaN)} | QEMU says ${ms((r) => r.downtimes[0]?.reportedMs ?? NaN)} | 1.1 times |`,
    `| downtime of hop 2, back to libvirt | ${ms((r) => r.downtimes[1]?.ms ?? NaN)} | QEMU says ${ms((r) => r.downtimes[1]?.reportedMs ?? NaN)} | 1.1 times |`,
    `| both hops, ${memoryMiB} MiB of RAM in a file | ${ms((r) => r.bothHopsMs)} | \`virsh restore\` of the same domain: ${ms((r) => r.restoreMs)} | 3 s more |`,
    '',
    `libvirt ${room.libvirt}, ${rounds.length} rounds, ${cpus().length} cores, no KVM.`,
  ].join('\n');
  process.stdout.write(`${report}\n`);
  if (values.write) await writeReport(['<!-- libvirt -->', '<!-- end of libvirt -->'], report);
}

void main();
