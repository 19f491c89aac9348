import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidestepError } from '../../../src/engine/errors';
import { printRecord } from '../../../src/engine/trace/file';
import type { TraceRecord } from '../../../src/engine/trace/record';
import type { Host } from '../../../src/host/host';
import { openLocalHost } from '../../../src/host/local';
import { TraceFeed, type TraceAudience } from '../../../src/views/timeline-panel/trace-feed';
import { at, header, moved } from '../timeline/traces';

interface Heard {
  readonly records: readonly TraceRecord[];
  readonly fromStart: boolean;
}

/** Whoever waits for what is heard is told each time. */
class Audience implements TraceAudience {
  readonly heard: Heard[] = [];
  readonly problems: SidestepError[] = [];
  #told: (() => void)[] = [];

  hear(records: readonly TraceRecord[], fromStart: boolean): Promise<void> {
    this.heard.push({ records, fromStart });
    this.#tell();
    return Promise.resolve();
  }

  hearProblem(problem: SidestepError): void {
    this.problems.push(problem);
    this.#tell();
  }

  get records(): TraceRecord[] {
    return this.heard.flatMap(({ records }) => records);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  #tell(): void {
    for (const told of this.#told.splice(0)) told();
  }
}

describe('the feed of a trace', () => {
  const host = openLocalHost();
  let folder: string;
  let path: string;
  let audience: Audience;
  let feed: TraceFeed | undefined;
  const text = (records: readonly TraceRecord[]) => records.map(printRecord).join('');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestep-feed-'));
    path = join(folder, 'a.sidestep-trace');
    audience = new Audience();
  });

  afterEach(async () => {
    feed?.dispose();
    await rm(folder, { recursive: true });
  });

  after(() => host.dispose());

  it('tells what is there as a whole, and then what is added', async () => {
    await writeFile(path, text(moved.slice(0, 20)));
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.heard.length === 1);
    assert.deepEqual(audience.heard, [{ records: moved.slice(0, 20), fromStart: true }]);
    await appendFile(path, text(moved.slice(20)));
    await audience.until(() => audience.records.length === moved.length);
    assert.deepEqual(audience.records, moved);
    assert.ok(audience.heard.slice(1).every(({ fromStart }) => !fromStart));
  });

  it('tells a long trace at once, not piece by piece as it is read', async () => {
    // Of many pieces, but soon understood.
    const long = [header];
    for (let i = 1; i < 500; i++) {
      long.push(at(i, { type: 'output', instance: 7, text: 'x'.repeat(2_000) }));
    }
    await writeFile(path, text(long));
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.records.length === long.length);
    assert.equal(audience.heard.length, 1);
  });

  it('tells in few messages what comes in many writes', async () => {
    const [first, ...others] = moved;
    assert.ok(first);
    await writeFile(path, printRecord(first));
    let grow: (data: Buffer) => void = () => undefined;
    const growing: Pick<Host, 'run' | 'watchGrowth'> = {
      run: (...command) => host.run(...command),
      watchGrowth(_path, _offset, onData) {
        grow = onData;
        return { dispose: () => undefined };
      },
    };
    feed = new TraceFeed(growing, path, audience);
    grow(Buffer.from(printRecord(first)));
    await audience.until(() => audience.heard.length === 1);
    // All at once: how long a file takes to be written to is up to the machine.
    for (const record of others) grow(Buffer.from(printRecord(record)));
    await audience.until(() => audience.records.length === moved.length);
    assert.equal(audience.heard.length, 2);
  });

  it('waits for its audience, and loses nothing meanwhile', async () => {
    let letGo: () => void = () => undefined;
    const busy = new Promise<void>((resolve) => (letGo = resolve));
    const slow: TraceAudience = {
      hear: async (...heard) => {
        await audience.hear(...heard);
        await busy;
      },
      hearProblem: () => undefined,
    };
    await writeFile(path, text(moved.slice(0, 5)));
    feed = new TraceFeed(host, path, slow);
    await audience.until(() => audience.heard.length === 1);
    await appendFile(path, text(moved.slice(5)));
    letGo();
    await audience.until(() => audience.records.length === moved.length);
    assert.deepEqual(audience.records, moved);
  });

  it('says of a file that is not there that it is waited for, and then tells it', async () => {
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.problems.length === 1);
    const [problem] = audience.problems;
    assert.equal(problem?.code, 'TRACE_MISSING');
    assert.match(problem.message, /a\.sidestep-trace/);
    await writeFile(path, text(moved));
    await audience.until(() => audience.records.length === moved.length);
    assert.equal(audience.heard[0]?.fromStart, true);
  });

  it('tells what stands before a damaged line, and then where the damage is', async () => {
    await writeFile(path, `${text(moved.slice(0, 3))}{"type":\n${text(moved.slice(3))}`);
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.problems.length === 1);
    assert.deepEqual(audience.records, moved.slice(0, 3));
    assert.match(String(audience.problems[0]?.message), /line 4 is no record/);
  });

  it('says at once of a file of another kind that it is no trace', async () => {
    await writeFile(path, '\u007fELF\u0002\u0001');
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.problems.length === 1);
    assert.equal(audience.problems[0]?.code, 'NOT_A_TRACE');
  });

  it('says of a trace of a newer version to update', async () => {
    await writeFile(path, printRecord({ ...header, version: 99 } as TraceRecord));
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.problems.length === 1);
    assert.equal(audience.problems[0]?.code, 'TRACE_TOO_NEW');
    assert.match(String(audience.problems[0].details.hint), /Update/);
  });

  it('begins anew with a file that was replaced', async () => {
    await writeFile(path, text(moved));
    feed = new TraceFeed(host, path, audience);
    await audience.until(() => audience.heard.length === 1);
    const other = [{ ...header, domain: 'beta' } as TraceRecord];
    await rm(path);
    await writeFile(path, text(other));
    await audience.until(() => audience.heard.length === 2);
    assert.deepEqual(audience.heard[1], { records: other, fromStart: true });
  });

  it('tells nothing any more once it is disposed', async () => {
    await writeFile(path, text(moved));
    feed = new TraceFeed(host, path, audience);
    feed.dispose();
    await appendFile(path, text(moved));
    const later = new Audience();
    const other = new TraceFeed(host, path, later);
    await later.until(() => later.heard.length > 0);
    other.dispose();
    assert.deepEqual([audience.heard, audience.problems], [[], []]);
  });
});
