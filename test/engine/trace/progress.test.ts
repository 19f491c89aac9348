import assert from 'node:assert/strict';
import { afterRecord, notBegun } from '../../../src/engine/trace/progress';
import type { TraceRecord } from '../../../src/engine/trace/record';

describe('the progress of a migration', () => {
  it('follows the phases, the mode and the RAM that is left', () => {
    assert.deepEqual(afterAll(records), {
      hop: undefined,
      phase: 'perform',
      phaseNumber: 3,
      step: undefined,
      mode: 'precopy',
      ram: { percent: 75, total: 400, mbps: 800, pass: 2 },
    });
  });

  it('begins anew with the second half of an upgrade', () => {
    const fromLibvirt = records.map((record) =>
      record.type === 'plan' ? { ...record, from: { ...record.from, manager: 'libvirt' } } : record,
    );
    assert.equal(afterAll(fromLibvirt).hop, 'from-libvirt');
    const begin = { type: 'phase', phase: 'begin', side: 'source', edge: 'begin' } as const;
    assert.deepEqual(afterAll([...fromLibvirt, { ...begin, at: 9 }]), {
      ...notBegun,
      hop: 'to-libvirt',
      phase: 'begin',
      phaseNumber: 1,
    });
  });

  it('has the step that was begun last in its phase', () => {
    const begin = { type: 'step', at: 9, step: 'await-completion', edge: 'begin' } as const;
    const within = afterRecord(afterAll(records), begin);
    assert.equal(within.step, 'await-completion');
    assert.equal(afterRecord(within, { ...begin, edge: 'end' }), within);
    const finish = {
      type: 'phase',
      at: 10,
      phase: 'finish',
      side: 'target',
      edge: 'begin',
    } as const;
    assert.equal(afterRecord(within, finish).step, undefined);
  });

  it('has nothing of RAM where none is copied', () => {
    const ram = {
      type: 'ram',
      at: 4,
      instance: 1,
      transferred: 0,
      remaining: 0,
      total: 0,
    } as const;
    assert.equal(afterRecord(notBegun, ram), notBegun);
  });

  it('never has less than nothing of RAM that was written again', () => {
    const ram = { ...ramRecord, remaining: 900 };
    assert.equal(afterRecord(notBegun, ram).ram?.percent, 0);
  });

  it('is the same after what tells nothing of it', () => {
    const state = { type: 'run-state', at: 5, instance: 1, state: 'paused' } as const;
    assert.equal(afterRecord(notBegun, state), notBegun);
  });
});

const ramRecord = {
  type: 'ram',
  ...{ at: 4, instance: 1, transferred: 300, remaining: 100, total: 400 },
  ...{ mbps: 800, dirtySyncCount: 2 },
} as const;

const records: readonly TraceRecord[] = [
  { type: 'phase', at: 1, phase: 'begin', side: 'source', edge: 'begin' },
  {
    ...{ type: 'plan', at: 2, mode: 'precopy', blockers: [], warnings: [] },
    from: { id: 1, emulator: '/a', version: '7.2.0', pid: 7 },
    to: { emulator: '/b', version: '10.0.0' },
  },
  { type: 'phase', at: 3, phase: 'begin', side: 'source', edge: 'end' },
  { type: 'phase', at: 3, phase: 'perform', side: 'source', edge: 'begin' },
  ramRecord,
];

function afterAll(all: readonly TraceRecord[]) {
  return all.reduce(afterRecord, notBegun);
}
