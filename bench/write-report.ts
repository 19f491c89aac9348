/** Puts what was measured into the docs, between the marks that are there for it. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const path = 'docs/benchmarks.md';

/** @param marks the comments before and behind it */
export async function writeReport(
  [begin, end]: readonly [string, string],
  report: string,
): Promise<void> {
  const text = await readFile(path, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  await writeFile(path, `${text.slice(0, from)}\n\n${report}\n\n${text.slice(to)}`);
  await promisify(execFile)('node_modules/.bin/prettier', ['--write', path]);
}
