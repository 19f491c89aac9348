import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printRecord } from '../../../src/engine/trace/file';
import { notBegun, type MigrationProgress } from '../../../src/engine/trace/progress';
import { followProgress, readProgress } from '../../../src/engine/trace/read-progress';
import { traceVersion, type TraceRecord } from '../../../src/engine/trace/record';
import { openLocalHost, type LocalHost } from '../../../src/host/local';

const header: TraceRecord = {
  ...{ type: 'header', at: 1, version: traceVersion },
  ...{ host: 'local', domain: 'web', uuid: 'u' },
};
const perform: TraceRecord = {
  ...{ type: 'phase', at: 2, phase: 'perform', side: 'source', edge: 'begin' },
};
const ram = (remaining: number): TraceRecord => ({
  ...{ type: 'ram', at: 3, phase: 'perform', instance: 1 },
  ...{ transferred: 1, remaining, total: 100 },
});
const warning: TraceRecord = { type: 'warning', at: 3, code: 'X', message: 'x'.repeat(10_000) };

describe('the progress in a trace on a host', () => {
  let folder: string;
  let path: string;
  let host: LocalHost;

  beforeEach(async () => {
    folder = await mkdtemp('/tmp/progress-');
    path = join(folder, 't.sidestep-trace');
    host = openLocalHost();
  });
  afterEach(async () => {
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  const write = (records: readonly TraceRecord[], rest = '') =>
    writeFile(path, records.map(printRecord).join('') + rest);

  it('is what its records tell, up to the last whole line', async () => {
    await write([header, perform, ram(75)], '{"type":"ram","at":4');
    const { phase, ram: copied } = await readProgress(host, path);
    assert.deepEqual([phase, copied?.percent], ['perform', 25]);
  });

  it('is found in a long one without reading all of it', async () => {
    const filler = Array.from({ length: 100 }, () => warning);
    await write([header, ...filler, perform, ...filler, ram(10)], '{"type":');
    let bytes = 0;
    const counting: Pick<LocalHost, 'files'> = {
      async files(operations) {
        const results = await host.files(operations);
        for (const result of results as unknown[]) {
          if (Buffer.isBuffer(result)) bytes += result.length;
        }
        return results;
      },
    };
    const { phase, phaseNumber, ram: copied } = await readProgress(counting, path);
    assert.deepEqual([phase, phaseNumber, copied?.percent], ['perform', 3, 90]);
    assert.ok(bytes < 400_000, String(bytes));
  });

  it('is none where there is no trace, or none that can be read', async () => {
    assert.equal(await readProgress(host, path), notBegun);
    await writeFile(path, 'this is something else\n');
    assert.equal(await readProgress(host, path), notBegun);
  });

  it('is followed as the trace grows, from a line that was cut on', async () => {
    const line = printRecord(ram(50));
    await write([header, perform], line.slice(0, 20));
    const heard: MigrationProgress[] = [];
    const until = (percent: number) =>
      new Promise<void>((resolve) => {
        onHeard = (progress) => {
          if (progress.ram?.percent === percent) resolve();
        };
      });
    let onHeard: (progress: MigrationProgress) => void = () => undefined;
    const follow = followProgress(host, path, (progress) => {
      heard.push(progress);
      onHeard(progress);
    });
    const half = until(50);
    await appendFile(path, line.slice(20));
    await half;
    const most = until(80);
    await appendFile(path, printRecord(ram(20)));
    await most;
    assert.ok(heard.every(({ phase }) => phase === 'perform'));
    follow.dispose();
  });
});
