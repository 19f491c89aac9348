import assert from 'node:assert/strict';
import { sideOf, type Phase, type TraceRecord } from '../../../src/engine/trace/record';
import { summarize } from '../../../src/engine/trace/summary';

describe('the figures of a migration', () => {
  it('are those of its records', () => {
    const records = [
      header(1000),
      ...phase('begin', 1010, 1020),
      ...phase('prepare', 1030, 1100),
      ...phase('perform', 1100, 1200),
      // QEMU's own times, which reached us later and in another order.
      event(2, 'RESUME', 1190),
      event(1, 'STOP', 1160),
      ...phase('finish', 1200, 1210),
      ...phase('confirm', 1210, 1300),
      verdict('moved', 1310),
    ];
    assert.deepEqual(summarize(records), {
      phases: [
        { name: 'begin', side: 'source', startUs: 10, endUs: 20 },
        { name: 'prepare', side: 'target', startUs: 30, endUs: 100 },
        { name: 'perform', side: 'source', startUs: 100, endUs: 200 },
        { name: 'finish', side: 'target', startUs: 200, endUs: 210 },
        { name: 'confirm', side: 'source', startUs: 210, endUs: 300 },
      ],
      downtimeUs: 30,
      totalUs: 310,
      outcome: 'moved',
    });
  });

  it('of one under way have no total, no outcome and only the phases that ended', () => {
    const [begun] = phase('prepare', 1030, 0);
    assert.ok(begun);
    assert.deepEqual(summarize([header(1000), ...phase('begin', 1010, 1020), begun]), {
      phases: [{ name: 'begin', side: 'source', startUs: 10, endUs: 20 }],
      downtimeUs: undefined,
      totalUs: undefined,
      outcome: undefined,
    });
  });

  it('have the phase that failed, up to its failure', () => {
    const failed: TraceRecord = { ...phase('perform', 0, 1500)[1], edge: 'failed' };
    const [begun] = phase('perform', 1100, 0);
    const { phases, outcome } = summarize([header(1000), begun, failed, verdict('stayed', 1600)]);
    assert.deepEqual(phases, [{ name: 'perform', side: 'source', startUs: 100, endUs: 500 }]);
    assert.equal(outcome, 'stayed');
  });

  it('have no downtime for a guest that resumed where it was', () => {
    const records = [header(1000), event(1, 'STOP', 1100), event(1, 'RESUME', 1150)];
    assert.equal(summarize(records).downtimeUs, undefined);
  });

  it('count the downtime from the last stop: the guest may have been stopped before', () => {
    const records = [
      header(1000),
      ...[event(1, 'STOP', 1010), event(1, 'RESUME', 1020)],
      ...[event(1, 'STOP', 1100), event(2, 'RESUME', 1105)],
    ];
    assert.equal(summarize(records).downtimeUs, 5);
  });

  it('of nothing are none', () => {
    assert.deepEqual(summarize([]), {
      phases: [],
      downtimeUs: undefined,
      totalUs: undefined,
      outcome: undefined,
    });
  });
});

type PhaseRecord = Extract<TraceRecord, { type: 'phase' }>;

function header(at: number): TraceRecord {
  return { type: 'header', at, version: 1, host: 'local', domain: 'd', uuid: 'u' };
}

function phase(name: Phase, begin: number, end: number): [PhaseRecord, PhaseRecord] {
  const common = { type: 'phase', phase: name, side: sideOf[name] } as const;
  return [
    { ...common, at: begin, edge: 'begin' },
    { ...common, at: end, edge: 'end' },
  ];
}

function event(instance: number, name: string, at: number): TraceRecord {
  const wire = { type: 'qmp', direction: 'received', kind: 'event', bytes: 1 } as const;
  return { ...wire, at, instance, name, message: {} };
}

function verdict(outcome: 'moved' | 'stayed', at: number): TraceRecord {
  return { type: 'verdict', at, outcome };
}
