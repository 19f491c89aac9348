/**
 * `npm run bench [-- --rounds N] [--only TEXT] [--write]`: measures the engine against the bare
 * script, and over SSH against itself, and prints tables; with `--write` into docs/benchmarks.md. Ratios of medians, measured
 * in turn in one run, so that the machine's speed and load are in both.
 */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { qemu72, qemu100 } from '../test/support/emulators';
import type { Measured } from './bare-migration';
import { engineHere, measure, type Pair, type Scenario } from './scenarios';
import { openSshBench, roundTripMs } from './ssh';
import { writeReport } from './write-report';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

const gib = 1024;
const fast = { from: qemu100, to: qemu100 };
const scenarios: Scenario[] = [
  {
    name: 'ignore-shared, 1 GiB',
    ...fast,
    mode: 'ignore-shared',
    ram: 'file',
    ramMiB: gib,
    isAlsoOverSsh: true,
  },
  { name: 'ignore-shared, 8 GiB', ...fast, mode: 'ignore-shared', ram: 'file', ramMiB: 8 * gib },
  {
    name: 'cpr-transfer, 1 GiB',
    ...fast,
    mode: 'cpr-transfer',
    ram: 'memfd',
    ramMiB: gib,
    isAlsoOverSsh: true,
  },
  { name: 'cpr-transfer, 8 GiB', ...fast, mode: 'cpr-transfer', ram: 'memfd', ramMiB: 8 * gib },
  {
    name: 'ignore-shared 7.2 to 10.0, 1 GiB',
    ...{ from: qemu72, to: qemu100 },
    mode: 'ignore-shared',
    ram: 'file',
    ramMiB: gib,
  },
  {
    name: 'precopy, 2 GiB written to',
    ...fast,
    mode: 'precopy',
    ram: 'file',
    ramMiB: 2 * gib,
    isFull: true,
  },
];

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

interface Row {
  readonly what: string;
  readonly ours: number;
  readonly theirs: number;
  readonly goal: string;
}

interface Goals {
  readonly total: string;
  readonly downtime: string;
}

function rowsOf(name: string, measured: Pair<readonly Measured[]>, goals: Goals): Row[] {
  const of = (pick: 'totalMs' | 'downtimeMs') => ({
    ours: median(measured.ours.map((each) => each[pick])),
    theirs: median(measured.theirs.map((each) => each[pick])),
  });
  return [
    { what: `${name}: all five phases`, ...of('totalMs'), goal: goals.total },
    { what: `${name}: STOP to RESUME`, ...of('downtimeMs'), goal: goals.downtime },
  ];
}

function goalsOf({ mode }: Scenario): Goals {
  return mode === 'precopy'
    ? { total: '1.02', downtime: '-' }
    : { total: '1.15', downtime: '1.05' };
}

/** The engine on a host behind SSH against the engine on this machine. */
async function overSsh(): Promise<Row[]> {
  const rows: Row[] = [];
  const ssh = await openSshBench();
  try {
    for (const scenario of scenarios.filter(({ isAlsoOverSsh }) => isAlsoOverSsh)) {
      for (const [where, ours, goals] of [
        ['on loopback', ssh.near, { total: '1.25', downtime: '1.10' }],
        [`${roundTripMs} ms away`, ssh.far, { total: '12 round trips', downtime: '1.10' }],
      ] as const) {
        const name = `${scenario.name}, ${where}`;
        if (!`${name} over SSH`.includes(values.only)) continue;
        process.stderr.write(`${name} over SSH ...\n`);
        const measured = await measure(
          { ours: { scenario, by: ours }, theirs: { scenario, by: engineHere } },
          rounds,
        );
        rows.push(...rowsOf(name, measured, goals));
      }
    }
  } finally {
    await ssh.close();
  }
  return rows;
}

/** Guests of two sizes, both migrated by the engine. */
async function bySize(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of ['ignore-shared', 'cpr-transfer']) {
    const what = `${mode}: 8 GiB against 1 GiB, both Sidestep's`;
    if (!what.includes(values.only)) continue;
    process.stderr.write(`${what} ...\n`);
    const run = (size: string) => {
      const scenario = scenarios.find(({ name }) => name === `${mode}, ${size}`);
      if (scenario === undefined) throw new Error(`no scenario of ${mode} with ${size}`);
      return { scenario, by: engineHere };
    };
    const { ours, theirs } = await measure({ ours: run('8 GiB'), theirs: run('1 GiB') }, rounds);
    const total = (measured: readonly Measured[]) => median(measured.map(({ totalMs }) => totalMs));
    rows.push({ what, ours: total(ours), theirs: total(theirs), goal: '1.10' });
  }
  return rows;
}

async function startUp(): Promise<Row> {
  const run = promisify(execFile);
  await run(process.execPath, ['scripts/build.mjs']);
  const time = async (args: string[]): Promise<number> => {
    const begin = performance.now();
    await run(process.execPath, args);
    return performance.now() - begin;
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await time(['dist/cli.js', '--version']));
    theirs.push(await time(['-e', '0']));
  }
  return {
    what: 'command line start-up, against `node -e 0`',
    ours: median(ours),
    theirs: median(theirs),
    goal: '+80 ms',
  };
}

function table(ours: string, theirs: string, rows: readonly Row[]): string {
  return [
    `| what | ${ours} | ${theirs} | ratio | goal |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map(
      (row) =>
        `| ${row.what} | ${row.ours.toFixed(1)} ms | ${row.theirs.toFixed(1)} ms | ${compared(row)} | ${row.goal} |`,
    ),
  ].join('\n');
}

/** In the goal's unit. */
function compared({ ours, theirs, goal }: Row): string {
  const sign = ours < theirs ? '' : '+';
  if (goal.startsWith('+')) return `${sign}${(ours - theirs).toFixed(0)} ms`;
  if (goal.endsWith('round trips')) return `${sign}${((ours - theirs) / roundTripMs).toFixed(1)}`;
  return (ours / theirs).toFixed(2);
}

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(({ name }) => name.includes(values.only))) {
    process.stderr.write(`${scenario.name} ...\n`);
    const measured = await measure(
      { ours: { scenario, by: engineHere }, theirs: { scenario, by: 'bare script' } },
      rounds,
    );
    rows.push(...rowsOf(scenario.name, measured, goalsOf(scenario)));
  }
  rows.push(...(await bySize()));
  if (values.only === '') rows.push(await startUp());

  const sshRows = await overSsh();
  const report = [
    ...(rows.length > 0 ? [table('Sidestep', 'bare script', rows)] : []),
    ...(sshRows.length > 0 ? [table('over SSH', 'this machine', sshRows)] : []),
  ].join('\n\n');
  process.stdout.write(`${report}\n`);
  if (values.write) {
    const machine = `Medians of ${rounds}, on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), TCG, Node ${process.versions.node}.`;
    await writeReport(['<!-- table -->', '<!-- end -->'], `${machine}\n\n${report}`);
  }
}

void main();
