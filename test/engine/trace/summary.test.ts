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
    const phasesOfOne = [
      { name: 'begin', side: 'source', startUs: 10, endUs: 20 },
      { name: 'prepare', side: 'target', startUs: 30, endUs: 100 },
      { name: 'perform', side: 'source', startUs: 100, endUs: 200 },
      { name: 'finish', side: 'target', startUs: 200, endUs: 210 },
      { name: 'confirm', side: 'source', startUs: 210, endUs: 300 },
    ];
    assert.deepEqual(summarize(records), {
      phases: phasesOfOne,
      downtimeUs: 30,
      totalUs: 310,
      outcome: 'moved',
      hops: [{ kind: undefined, mode: undefined, phases: phasesOfOne, downtimeUs: 30 }],
    });
  });

  it('of two migrations in a row are those of each, and of both together', () => {
    const plan = (manager: object, to: object): TraceRecord => ({
      ...{ type: 'plan', at: 0, mode: 'precopy', blockers: [], warnings: [] },
      from: { id: 1, emulator: '/q', version: '7', pid: 1, ...manager },
      to: { emulator: '/q', version: '7', ...to },
    });
    const records = [
      header(1000),
      ...phase('begin', 1010, 1020),
      plan({ manager: 'libvirt' }, {}),
      ...phase('perform', 1100, 1200),
      ...phase('begin', 1300, 1310),
      plan({}, { manager: 'libvirt' }),
      // Heard late: by its own time it is of the migration before.
      ...[event(1, 'STOP', 1150), event(2, 'RESUME', 1155)],
      ...phase('perform', 1400, 1500),
      ...[event(2, 'STOP', 1450), event(3, 'RESUME', 1457)],
      verdict('moved', 1600),
    ];
    const { hops, phases, downtimeUs } = summarize(records);
    assert.deepEqual(
      hops.map(({ kind, downtimeUs, phases }) => [kind, downtimeUs, phases[1]?.startUs]),
      [
        ['from-libvirt', 5, 100],
        ['to-libvirt', 7, 400],
      ],
    );
    assert.equal(phases.length, 4);
    assert.equal(downtimeUs, 12);
  });

  it('do not take the phases of two hosts, whose clocks differ, for two migrations', () => {
    const records = [
      header(1000),
      ...[...phase('prepare', 1010, 1020), ...phase('begin', 1011, 1012)],
      ...[...phase('finish', 1030, 1040), ...phase('perform', 1035, 1045)],
    ];
    assert.equal(summarize(records).hops.length, 1);
  });

  it('of one under way have no total, no outcome and only the phases that ended', () => {
    const [begun] = phase('prepare', 1030, 0);
    assert.ok(begun);
    const phases = [{ name: 'begin', side: 'source', startUs: 10, endUs: 20 }];
    assert.deepEqual(summarize([header(1000), ...phase('begin', 1010, 1020), begun]), {
      phases,
      downtimeUs: undefined,
      totalUs: undefined,
      outcome: undefined,
      hops: [{ kind: undefined, mode: undefined, phases, downtimeUs: undefined }],
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
      hops: [],
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
