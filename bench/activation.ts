/**
 * `npm run bench:activation [-- --rounds N] [--write]`: how long VS Code waits for the extension when
 * its first command is run, by VS Code's own measure. Each round is a window of its own.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs, promisify } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});

async function activationMs(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['test/vscode/run.mjs'], {
    env: { ...process.env, SIDESTEP_TEST_GREP: 'is not active before its first command' },
  });
  const [, ms] = /and then soon: (\d+) ms/.exec(stdout) ?? [];
  if (ms === undefined) throw new Error(`VS Code tells no time:\n${stdout}`);
  return Number(ms);
}

async function main(): Promise<void> {
  const measured: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) measured.push(await activationMs());
  measured.sort((a, b) => a - b);
  const median = measured[Math.floor(measured.length / 2)] ?? NaN;
  const [least = NaN, most = NaN] = [measured[0], measured.at(-1)];
  const report = `${median} ms, the median of ${measured.length} windows (${least} to ${most} ms), on ${cpus().length} cores.`;
  process.stdout.write(`${report}\n`);
  if (!values.write) return;
  const path = 'docs/benchmarks.md';
  const text = await readFile(path, 'utf8');
  const marked = /(<!-- activation -->)[^]*(<!-- end of activation -->)/;
  await writeFile(path, text.replace(marked, `$1\n\n${report}\n\n$2`));
}

void main();
