import assert from 'node:assert/strict';
import {
  decide,
  type Decision,
  type Evidence,
  type SideEvidence,
} from '../../../src/engine/migration/settle';
import { decisionTable } from '../../support/decision-table';

const bools = [true, false];
const runStates = ['running', 'paused', 'postmigrate', 'inmigrate', undefined];
const migrations = [
  ...['none', 'setup', 'active', 'device', 'cancelling'],
  ...['postcopy-active', 'postcopy-paused'],
  ...['completed', 'failed', 'cancelled', 'of-a-later-qemu', undefined],
];
const dead: SideEvidence = { alive: false, runState: undefined, migration: undefined };
const living: readonly SideEvidence[] = runStates.flatMap((runState) =>
  migrations.map((migration) => ({ alive: true, runState, migration })),
);
const targets: readonly Evidence['target'][] = [
  undefined,
  ...[dead, ...living].flatMap((side) => bools.map((everRan) => ({ ...side, everRan }))),
];

describe('where the guest is after a fault', () => {
  const { always, is } = decisionTable(all);

  always(
    'the source is resumed only if it lives and stands still, and the guest ran before',
    is('resume-source'),
    ({ source, guestRan }) => source.alive && source.runState !== 'running' && guestRan,
  );
  always(
    'the source is never resumed while a target lives',
    is('resume-source'),
    ({ target }) => target?.alive !== true,
  );
  always(
    'the source is never resumed on RAM that the target has changed',
    is('resume-source'),
    ({ source, target, mode, watched }) =>
      mode === 'precopy' ||
      (target?.everRan !== true && (watched || source.migration !== 'completed')),
  );
  always(
    'a guest has moved only to a target that lives, and only after migrate',
    is('moved'),
    ({ target, migrateSent }) => target?.alive === true && migrateSent,
  );
  always(
    'a guest has not moved while the source runs',
    is('moved'),
    ({ source }) => source.runState !== 'running',
  );
  always(
    'a target is killed only if it lives and never ran the guest',
    (decision, { migrateSent }) => migrateSent && decision === 'kill-target',
    ({ target }) => target?.alive === true && !target.everRan && target.runState !== 'running',
  );
  always(
    'a guest stays only at a source that lives, and with no target beside it',
    is('stays'),
    ({ source, target }) => source.alive && target?.alive !== true,
  );
  always(
    'a guest that ran stays only at a source that runs',
    (decision, { migrateSent, guestRan }) => decision === 'stays' && migrateSent && guestRan,
    ({ source }) => source.runState === 'running',
  );
  always(
    'a guest is lost only when no process is left, or in postcopy its target',
    is('lost'),
    ({ source, target, mode }) =>
      target?.alive !== true &&
      (!source.alive || mode === 'postcopy' || source.migration?.startsWith('postcopy') === true),
  );
  always(
    'in postcopy the source never goes on once the guest may have left it',
    (_, { mode, target, source }) =>
      (mode === 'postcopy' && target?.everRan === true) ||
      (source.runState !== 'running' && source.migration?.startsWith('postcopy') === true),
    (evidence) => decide(evidence) !== 'resume-source',
  );
  always(
    'a source that goes on behind a guest that has left it in postcopy is stopped',
    (_, { mode, migrateSent, source, target }) =>
      mode === 'postcopy' &&
      migrateSent &&
      source.alive &&
      source.runState === 'running' &&
      target?.everRan === true,
    (evidence) => decide(evidence) === 'stop-source',
  );
  always(
    'a source is stopped only behind a guest that has left it: in postcopy, or if its migration is over',
    is('stop-source'),
    ({ mode, target, source: { migration } }) =>
      (target?.everRan === true || target?.runState === 'running') &&
      (mode === 'postcopy' || (target.alive && ['failed', 'cancelled'].includes(migration ?? ''))),
  );
  always(
    'a channel is mended only where both live, and the guest has left the source',
    is('mend-channel'),
    ({ source, target }) => source.alive && target?.alive === true && source.runState !== 'running',
  );
  always(
    'a migration is cancelled only at a source that lives and is still at it',
    is('cancel-migration'),
    ({ source, migrateSent }) =>
      source.alive &&
      migrateSent &&
      !['none', 'completed', 'failed', 'cancelled', undefined].includes(source.migration),
  );
  always(
    'a migration is never cancelled within the switchover, when the target may have it all',
    is('cancel-migration'),
    ({ source, target, channelOpened }) =>
      source.runState === 'running' || target?.alive !== true || !channelOpened,
  );
  always(
    'a source that lives and does not answer is waited for, and then leaves it undecided',
    (_, { source, migrateSent }) => migrateSent && source.alive && source.runState === undefined,
    (evidence) => decide(evidence) === (evidence.waitedMs < 5000 ? 'wait' : 'undecided'),
  );
  always(
    'two that seem to run are looked at again, and then left alone: which one is older cannot be told',
    (_, { source, target, migrateSent, mode }) =>
      migrateSent &&
      mode !== 'postcopy' &&
      !['failed', 'cancelled'].includes(source.migration ?? '') &&
      source.alive &&
      source.runState === 'running' &&
      target?.alive === true &&
      (target.everRan || target.runState === 'running'),
    (evidence) => decide(evidence) === (evidence.waitedMs < 5000 ? 'wait' : 'undecided'),
  );
  always(
    'before migrate nothing is undecided: a target has nothing of the guest',
    (_, { migrateSent }) => !migrateSent,
    (evidence) => ['stays', 'lost', 'kill-target'].includes(decide(evidence)),
  );
  always(
    'a target that nobody can connect to any more is not waited for',
    (_, { source, target, waitedMs, migrateSent }) =>
      migrateSent && !source.alive && target?.migration === 'setup' && waitedMs > 1000,
    (evidence) => decide(evidence) !== 'wait',
  );
  always(
    'a target whose source is gone is not waited for without end',
    (_, { source, target, waitedMs, migrateSent }) =>
      migrateSent && !source.alive && target?.runState !== undefined && waitedMs >= 15_000,
    (evidence) => decide(evidence) !== 'wait',
  );
  always(
    'to do what was decided leads on: no deed is decided twice in a row',
    (decision) => ['kill-target', 'stop-source', 'resume-source'].includes(decision),
    (evidence) => decide(afterwards(decide(evidence), evidence)) !== decide(evidence),
  );
});

describe('what becomes of a guest', () => {
  const running: SideEvidence = { alive: true, runState: 'running', migration: 'active' };
  const base: Evidence = {
    migrateSent: true,
    channelOpened: true,
    waitedMs: 0,
    mode: 'precopy',
    watched: true,
    guestRan: true,
    source: running,
    target: { alive: true, runState: 'inmigrate', migration: 'active', everRan: false },
  };
  const stopped = (migration: string): SideEvidence => ({
    alive: true,
    runState: 'postmigrate',
    migration,
  });

  for (const [story, evidence, decision] of [
    ['cancelled on the way', {}, 'cancel-migration'],
    [
      'cancelled, and the target is still there',
      { source: { ...running, migration: 'cancelled' } },
      'kill-target',
    ],
    [
      'cancelled, and the target is gone',
      { source: { ...running, migration: 'cancelled' }, target: { ...dead, everRan: false } },
      'stays',
    ],
    [
      'the target is killed within the switchover',
      { source: stopped('failed'), target: { ...dead, everRan: false } },
      'resume-source',
    ],
    [
      'the target is killed after it ran',
      { source: stopped('completed'), target: { ...dead, everRan: true } },
      'resume-source',
    ],
    [
      'the target is killed after it ran on the same RAM',
      { mode: 'ignore-shared', source: stopped('completed'), target: { ...dead, everRan: true } },
      'undecided',
    ],
    [
      'the source was not told that all has arrived, and goes on beside the target',
      {
        source: { ...running, migration: 'failed' },
        target: { ...running, migration: 'completed', everRan: true },
      },
      'stop-source',
    ],
    [
      'the same, once it is stopped',
      {
        source: { ...running, runState: 'paused', migration: 'failed' },
        target: { ...running, migration: 'completed', everRan: true },
      },
      'moved',
    ],
    [
      'the same, with both on the same RAM',
      {
        mode: 'ignore-shared',
        source: { ...running, runState: 'paused', migration: 'failed' },
        target: { ...running, migration: 'completed', everRan: true },
      },
      'undecided',
    ],
    ['the source is killed on the way', { source: dead }, 'wait'],
    [
      'the source is killed after the target ran',
      { source: dead, target: { ...running, migration: 'completed', everRan: true } },
      'moved',
    ],
    [
      'the source is killed before the target was told to listen',
      { source: dead, channelOpened: false },
      'kill-target',
    ],
    [
      'a paused guest has arrived',
      {
        guestRan: false,
        source: stopped('completed'),
        target: { alive: true, runState: 'paused', migration: 'completed', everRan: false },
      },
      'moved',
    ],
    [
      'the target has it all, and was not able to set it running',
      {
        source: stopped('completed'),
        target: { alive: true, runState: 'paused', migration: 'completed', everRan: false },
      },
      'kill-target',
    ],
    [
      'the same, of a later QEMU',
      {
        source: stopped('completed'),
        target: { alive: true, runState: 'inmigrate', migration: 'completed', everRan: false },
      },
      'kill-target',
    ],
    [
      'the target has it all, and nobody has seen whether it ran before it was paused',
      {
        watched: false,
        source: stopped('completed'),
        target: { alive: true, runState: 'paused', migration: 'completed', everRan: false },
      },
      'wait',
    ],
    [
      'nobody has seen whether the target that is gone has run on the same RAM',
      {
        mode: 'ignore-shared',
        watched: false,
        source: stopped('completed'),
        target: { ...dead, everRan: false },
      },
      'undecided',
    ],
    [
      'nobody has seen what went before, and the migration has failed',
      {
        mode: 'ignore-shared',
        watched: false,
        source: { alive: true, runState: 'paused', migration: 'failed' },
        target: { ...dead, everRan: false },
      },
      'resume-source',
    ],
    [
      'a paused guest is where it was',
      {
        guestRan: false,
        source: { alive: true, runState: 'paused', migration: 'failed' },
        target: { ...dead, everRan: false },
      },
      'stays',
    ],
  ] as const satisfies readonly (readonly [string, Partial<Evidence>, Decision])[]) {
    it(`${story}: ${decision}`, () => {
      assert.equal(decide({ ...base, ...evidence }), decision);
    });
  }
});

function* all(): Generator<[Decision, Evidence]> {
  for (const source of [dead, ...living]) {
    for (const target of targets) {
      // What counts of a mode is whether both share the RAM, and whether it follows.
      for (const mode of ['precopy', 'ignore-shared', 'postcopy'] as const) {
        for (const migrateSent of bools) {
          for (const channelOpened of bools) {
            for (const guestRan of bools) {
              for (const waitedMs of [0, 5000, 15_000]) {
                for (const watched of bools) {
                  const sent = { migrateSent, channelOpened };
                  const evidence = { ...sent, guestRan, waitedMs, watched, mode, source, target };
                  yield [decide(evidence), evidence];
                }
              }
            }
          }
        }
      }
    }
  }
}

function afterwards(decision: Decision, evidence: Evidence): Evidence {
  const { source, target } = evidence;
  if (decision === 'resume-source')
    return { ...evidence, source: { ...source, runState: 'running' } };
  if (decision === 'stop-source') return { ...evidence, source: { ...source, runState: 'paused' } };
  return { ...evidence, target: target && { ...dead, everRan: target.everRan } };
}
