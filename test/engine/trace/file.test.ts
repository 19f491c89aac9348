import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printRecord, readTrace, TraceReader, TraceWriter } from '../../../src/engine/trace/file';
import { traceVersion, type TraceRecord } from '../../../src/engine/trace/record';
import type { Appender } from '../../../src/host/host';

const header: TraceRecord = {
  type: 'header',
  at: 1,
  version: traceVersion,
  host: 'local',
  domain: 'a "b"\né',
  uuid: 'u',
};
const records: readonly TraceRecord[] = [
  header,
  { type: 'phase', at: 2, phase: 'begin', side: 'source', edge: 'begin' },
  { type: 'output', at: 3, phase: 'begin', instance: 7, text: 'two\nlines ☃' },
  { type: 'verdict', at: 4, outcome: 'moved' },
];
const text = records.map(printRecord).join('');

describe('a trace file', () => {
  it('is read back as it was written', () => {
    assert.deepEqual(readTrace(text, '/t'), records);
  });

  it('is read while it grows: a last line that is not whole is left for later', () => {
    const lineEnds = Array.from(text.matchAll(/\n/g), ({ index }) => index);
    const [firstEnd = 0] = lineEnds;
    fc.assert(
      fc.property(fc.integer({ min: firstEnd + 1, max: text.length }), (length) => {
        const whole = lineEnds.filter((end) => end < length).length;
        assert.deepEqual(readTrace(text.slice(0, length), '/t'), records.slice(0, whole));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('of a newer version is refused by its version', () => {
    const newer = printRecord({ ...header, version: traceVersion + 1 });
    assert.throws(() => readTrace(newer, '/some/trace'), {
      code: 'TRACE_TOO_NEW',
      message: /^\/some\/trace was written by a newer Sidestep/,
    });
  });

  it('of a newer version is refused by its version also if it has records of its own', () => {
    const newer = printRecord({ ...header, version: traceVersion + 1 });
    assert.throws(() => readTrace(`${newer}{"type":"of tomorrow","at":1}\n`, '/some/trace'), {
      code: 'TRACE_TOO_NEW',
    });
  });

  for (const [what, garbage] of [
    ['nothing', ''],
    ['text', 'hello\nworld\n'],
    ['other JSON', '{"a":1}\n'],
    ['a record of no known type', `${printRecord(header)}{"type":"nonsense","at":1}\n`],
    ['a number for a time that is none', `${printRecord(header)}{"type":"verdict","at":"1"}\n`],
    ['no header first', text.slice(text.indexOf('\n') + 1)],
    ['a line cut in the middle', `${text.slice(0, 100)}\n${text}`],
    ['bytes', '\u0000\u0001\ufffd\n'],
  ] as const) {
    it(`with ${what} in it is no trace`, () => {
      assert.throws(() => readTrace(garbage, '/some/trace'), {
        code: 'NOT_A_TRACE',
        message: /^\/some\/trace is not a Sidestep trace/,
      });
    });
  }

  it('names the line that is no record', () => {
    assert.throws(() => readTrace(`${printRecord(header)}nonsense\n`, '/t'), /line 2 is no record/);
  });
});

describe('the reader of a trace that grows', () => {
  const bytes = Buffer.from(text);

  it('gives the same records in whatever pieces the bytes come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const reader = new TraceReader('/t');
        const ends = [...cuts.sort((a, b) => a - b), bytes.length];
        const read = ends.flatMap((end, index) => [
          ...reader.read(bytes.subarray(index === 0 ? 0 : ends[index - 1], end)),
        ]);
        assert.deepEqual(read, records);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('knows a file of another kind before it has a whole line', () => {
    const reader = new TraceReader('/t');
    assert.throws(() => [...reader.read('\u007fELF')], {
      code: 'NOT_A_TRACE',
      message: /no header/,
    });
  });

  it('counts lines over the pieces', () => {
    const reader = new TraceReader('/t');
    assert.equal([...reader.read(text)].length, 4);
    assert.throws(() => [...reader.read('nonsense\n')], /line 5 is no record/);
  });

  it('gives what stands before a line that is no record', () => {
    const read: TraceRecord[] = [];
    assert.throws(() => {
      for (const record of new TraceReader('/t').read(`${text}nonsense\n`)) read.push(record);
    }, /line 5 is no record/);
    assert.deepEqual(read, records);
  });

  it('reads on when the file was replaced by another trace', () => {
    const reader = new TraceReader('/t');
    assert.deepEqual([...reader.read(text)], records);
    assert.deepEqual([...reader.read(printRecord(header))], [header]);
  });
});

describe('the writer of a trace', () => {
  /** A file that can be made to fail. */
  class FakeFile implements Appender {
    text = '';
    appends = 0;
    closed = false;
    failure: Error | undefined;
    append(data: Uint8Array | string): Promise<void> {
      if (this.failure !== undefined) return Promise.reject(this.failure);
      this.appends++;
      this.text += String(data);
      return Promise.resolve();
    }
    close(): Promise<void> {
      this.closed = true;
      return Promise.resolve();
    }
  }

  it('writes whole lines in order, those of one turn in one write', async () => {
    const file = new FakeFile();
    const writer = new TraceWriter(Promise.resolve(file), (error) => {
      assert.fail(String(error));
    });
    for (const record of records) writer.listener(record);
    await writer.close();
    assert.deepEqual(readTrace(file.text, '/t'), records);
    assert.equal(file.appends, 1);
    assert.ok(file.closed);
  });

  it('ends the writing, and nothing else, when the file cannot be written', async () => {
    const file = new FakeFile();
    const failures: unknown[] = [];
    const writer = new TraceWriter(Promise.resolve(file), (error) => failures.push(error));
    writer.listener(header);
    await new Promise((resolve) => setImmediate(resolve));
    file.failure = new Error('disk full');
    for (const record of records.slice(1)) writer.listener(record);
    await writer.close();
    assert.deepEqual(failures, [file.failure]);
    assert.deepEqual(readTrace(file.text, '/t'), [header]);
    assert.ok(file.closed);
  });
});
