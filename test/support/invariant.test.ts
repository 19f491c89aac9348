import assert from 'node:assert/strict';
import type { TraceRecord } from '../../src/engine/trace/record';
import { checkRunning, checkSteps } from './invariant';

describe('the invariant of every migration', () => {
  it('holds when the target resumes after the source has stopped', () => {
    assert.equal(checkRunning([ran(1), stop(1, 100), resume(2, 105), gone(1, 200)]), 2);
  });

  it('holds when the source runs on', () => {
    assert.equal(checkRunning([ran(1), gone(2, 50)]), 1);
    assert.equal(checkRunning([ran(1), stop(1, 100), gone(2, 150), resume(1, 200)]), 1);
  });

  it('holds whatever the order the records came in', () => {
    assert.equal(checkRunning([ran(1), resume(2, 105), stop(1, 100)]), 2);
  });

  it('holds of a guest that was paused all the while', () => {
    const paused = (instance: number): TraceRecord => runState(instance, 'paused', 0);
    assert.equal(checkRunning([paused(1), paused(2), gone(1, 100)]), undefined);
  });

  it('is broken by a target that resumes before the source has stopped', () => {
    assert.throws(() => checkRunning([ran(1), resume(2, 100), stop(1, 101)]), /1 and 2 both ran/);
  });

  it('is broken by a source that is resumed under a running target', () => {
    const records = [ran(1), stop(1, 100), resume(2, 105), resume(1, 110)];
    assert.throws(() => checkRunning(records), /2 and 1 both ran/);
  });

  it('is broken by a query that finds a second one running', () => {
    assert.throws(() => checkRunning([ran(1), runState(2, 'running', 50)]), /1 and 2 both ran/);
  });

  it('is broken by a gap longer than the switchover', () => {
    const records = [ran(1), stop(1, 100), resume(2, 3200)];
    assert.throws(() => checkRunning(records), /no instance ran the guest for 3100 ms/);
    assert.equal(checkRunning(records, { switchoverMs: 3100 }), 2);
  });

  it('is broken by a guest that nobody runs at the end', () => {
    assert.throws(() => checkRunning([ran(1), stop(1, 100)]), /no instance runs the guest/);
    assert.throws(() => checkRunning([ran(1), gone(1, 100)]), /no instance runs the guest/);
    assert.equal(checkRunning([ran(1), gone(1, 100)], { runsOn: false }), undefined);
  });

  it('spans migrations in turn', () => {
    const first = [ran(1), stop(1, 100), resume(2, 105)];
    const second = [stop(2, 300), resume(3, 304)];
    assert.equal(checkRunning([...first, runState(2, 'running', 200), ...second]), 3);
    assert.throws(() => checkRunning([...first, resume(3, 250), ...second]), /2 and 3 both ran/);
  });

  it('asks of the guest that it goes on without a gap and without a repetition', () => {
    checkSteps('00000000\n00000001\n00000002\n0000');
    for (const output of [
      '00000001\n',
      '00000000\n00000002\n',
      '00000000\n00000001\n00000001\n',
      '00000000\n00000001\n00000000\n',
    ]) {
      assert.throws(() => {
        checkSteps(output);
      }, /where step \d was due/);
    }
  });

  it('asks of the guest that it found each page as it had left it', () => {
    assert.throws(() => {
      checkSteps('00000000\nE01234000\n');
    }, /wrong page at 0x01234000/);
  });
});

/** Times in ms. */
function ran(instance: number): TraceRecord {
  return runState(instance, 'running', 0);
}

function gone(instance: number, ms: number): TraceRecord {
  return runState(instance, 'gone', ms);
}

function runState(instance: number, state: string, ms: number): TraceRecord {
  return { type: 'run-state', at: ms * 1000, instance, state };
}

function stop(instance: number, ms: number): TraceRecord {
  return event(instance, 'STOP', ms);
}

function resume(instance: number, ms: number): TraceRecord {
  return event(instance, 'RESUME', ms);
}

function event(instance: number, name: string, ms: number): TraceRecord {
  const common = { type: 'qmp', direction: 'received', kind: 'event', bytes: 100 } as const;
  return { ...common, at: ms * 1000, instance, name, message: { event: name } };
}
