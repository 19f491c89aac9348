import * as v from 'valibot';
import { SidestepError } from '../../src/engine/errors';
import { readJournal } from '../../src/engine/migration/journal';
import { parseLastFailure } from '../../src/engine/state/last-failure';
import { parseDomain, parseInstance } from '../../src/engine/state/records';
import { printRecord, readTrace, TraceReader } from '../../src/engine/trace/file';
import { summarize } from '../../src/engine/trace/summary';
import { traceVersion, type TraceRecord } from '../../src/engine/trace/record';
import { FromPageSchema, PageStartSchema, ToPageSchema } from '../../src/views/timeline/protocol';
import { failingOnlyAs, fuzz } from './fuzz';
import { hostile, hostileChunks, hostileJson } from './inputs';

const records: readonly TraceRecord[] = [
  { type: 'header', at: 1, version: traceVersion, host: 'h', domain: 'é "', uuid: 'u' },
  {
    ...({ type: 'plan', at: 2, mode: 'precopy', blockers: [], warnings: [] } as const),
    from: { id: 1, emulator: '/q', version: '7.2', pid: 3 },
    to: { emulator: '/q', version: '10.0' },
  },
  { type: 'phase', at: 3, phase: 'begin', side: 'source', edge: 'begin' },
  {
    ...({ type: 'qmp', at: 4, instance: 1, direction: 'received', kind: 'event' } as const),
    ...{ name: 'STOP', bytes: 9, message: { event: 'STOP' } },
  },
  { type: 'ram', at: 5, instance: 1, transferred: 1, remaining: 2, total: 3 },
  { type: 'verdict', at: 6, outcome: 'moved' },
];
const trace = records.map(printRecord).join('');
const journal = [
  { kind: 'begin', at: 1, uuid: 'u', source: 1, trace: '/t' },
  { kind: 'step', at: 2, phase: 'prepare', step: 'start target' },
]
  .map((entry) => `${JSON.stringify(entry)}\n`)
  .join('');
const domain = JSON.stringify({
  uuid: 'u',
  name: 'n',
  definition: ['-m', '1G'],
  source: 1,
  ownedPaths: [],
});
const instance = JSON.stringify({
  id: 1,
  uuid: 'u',
  emulator: '/q',
  monitor: '/m',
  process: { pid: 1, startTime: 2, argv: [] },
});

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  return failingOnlyAs([SyntaxError], (): unknown => JSON.parse(text));
}

describe('what lies in files, fuzzed', () => {
  fuzz('a trace', hostile(trace), (text) => {
    const read = failingOnlyAs([SidestepError], () => readTrace(text, '/t'));
    if (read !== undefined) summarize(read);
  });

  fuzz('a trace that grows', hostileChunks(trace), (chunks) => {
    const reader = new TraceReader('/t', 100_000);
    failingOnlyAs([SidestepError], () => {
      for (const chunk of chunks) Array.from(reader.read(chunk));
    });
  });

  fuzz('a trace with any JSON in it', hostileJson, (json) => {
    const line = `{"type":"qmp","at":1,"instance":1,"direction":"sent","kind":"command","bytes":1,"message":${json}}\n`;
    failingOnlyAs([SidestepError], () => readTrace(trace + line, '/t'));
  });

  fuzz('a journal', hostile(journal), (text) => {
    failingOnlyAs([SidestepError], () => readJournal(text));
  });

  fuzz('records of domains and instances', hostile(domain, instance), (text) => {
    const json = jsonOf(text);
    failingOnlyAs([v.ValiError], () => parseDomain(json));
    failingOnlyAs([v.ValiError], () => parseInstance(json));
    parseLastFailure(Buffer.from(text));
  });
});

describe('what the page of a timeline says and hears, fuzzed', () => {
  const samples = [
    { type: 'open-document', request: 1, title: 't', language: 'json', text: '{}' },
    { type: 'append', records },
    { trace: { hostId: 'h', path: '/t' }, texts: { a: 'b' } },
  ].map((message) => JSON.stringify(message));

  fuzz('is taken or refused', hostile(...samples), (text) => {
    const json = jsonOf(text);
    for (const schema of [FromPageSchema, ToPageSchema, PageStartSchema]) v.safeParse(schema, json);
  });
});
