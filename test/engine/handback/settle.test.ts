import assert from 'node:assert/strict';
import {
  decideHandback,
  type HandbackDecision,
  type HandbackEvidence,
} from '../../../src/engine/handback/settle';
import type { SideEvidence } from '../../../src/engine/migration/settle';
import { decisionTable } from '../../support/decision-table';

const bools = [true, false];
const migrations = [
  ...['none', 'setup', 'active', 'device', 'cancelling'],
  ...['completed', 'failed', 'cancelled', 'of-a-later-qemu', undefined],
];
const dead: SideEvidence = { alive: false, runState: undefined, migration: undefined };
const sources: readonly SideEvidence[] = [
  dead,
  ...['running', 'paused', 'finish-migrate', 'postmigrate', undefined].flatMap((runState) =>
    migrations.map((migration) => ({ alive: true, runState, migration })),
  ),
];
const attempts = ['under-way', 'taken', 'given-up', 'unknown'] as const;
const targets: readonly HandbackEvidence['target'][] = bools.flatMap((everRan) => [
  { alive: false, everRan, runState: undefined, isBusy: false },
  ...['running', 'paused', 'inmigrate', 'in shutdown', undefined].flatMap((runState) =>
    bools.map((isBusy) => ({ alive: true, everRan, runState, isBusy })),
  ),
]);

function* all(): Generator<readonly [HandbackDecision, HandbackEvidence]> {
  for (const migrateSent of bools)
    for (const isBegun of bools)
      for (const waitedMs of [0, 5_000])
        for (const watched of bools)
          for (const guestRan of bools)
            for (const source of sources)
              for (const attempt of attempts)
                for (const target of targets) {
                  const when = { migrateSent, isBegun, waitedMs, watched, guestRan };
                  const evidence = { ...when, source, attempt, target };
                  yield [decideHandback(evidence), evidence];
                }
}

/** libvirt's QEMU runs the guest, or has. */
const hasRun = ({ everRan, runState }: HandbackEvidence['target']) =>
  everRan || runState === 'running' || runState === 'in shutdown';
const isEnded = ({ migration }: SideEvidence) =>
  ['none', 'completed', 'failed', 'cancelled', undefined].includes(migration);

describe('where the guest is after a hand-back that failed', () => {
  const { always, is } = decisionTable(all);

  always(
    'before migrate it stays, or is lost with its QEMU, whatever else runs',
    (_, { migrateSent }) => !migrateSent,
    ({ source }, decision) => decision === (source.alive ? 'stays' : 'lost'),
  );
  always(
    'it has moved only if libvirt took it, or its QEMU was seen to have run it',
    is('moved'),
    ({ migrateSent, attempt, target }) => migrateSent && (attempt === 'taken' || hasRun(target)),
  );
  always(
    'it has not moved while the source runs, but by the word of the program that saw it taken',
    is('moved'),
    ({ source, attempt }) => attempt === 'taken' || source.runState !== 'running',
  );
  always(
    'it stays, or goes on, only where its QEMU lives',
    is('stays', 'resume-source', 'cancel-migration'),
    ({ source }) => source.alive,
  );
  always(
    'a source is resumed only if the guest ran before, and stands still now',
    is('resume-source'),
    ({ source, guestRan }) => guestRan && source.runState !== 'running',
  );
  always(
    'a source is resumed only if libvirt’s QEMU never ran the guest, and never will',
    is('resume-source'),
    ({ attempt, target }) => attempt === 'given-up' || (!target.alive && !hasRun(target)),
  );
  always(
    'a source that has sent all is resumed only by one who has listened all along',
    is('resume-source'),
    ({ attempt, watched, source }) =>
      attempt === 'given-up' || watched || source.migration !== 'completed',
  );
  always(
    'libvirt’s QEMU is ended only if it lives and has not run the guest',
    is('end-target'),
    ({ target, attempt }) => target.alive && !hasRun(target) && attempt !== 'taken',
  );
  always(
    'libvirt’s QEMU is ended only once libvirt is done with it, or the source cannot have sent all',
    is('end-target'),
    ({ target, attempt, source }) =>
      source.migration !== 'completed' || (attempt === 'unknown' && !target.isBusy),
  );
  always(
    'a migration is cancelled only at a source that is still at it',
    is('cancel-migration'),
    ({ source, migrateSent }) => migrateSent && !isEnded(source),
  );
  always(
    'a migration is never cancelled within the switchover, when libvirt’s QEMU may have it all',
    is('cancel-migration'),
    ({ source, target, attempt }) =>
      source.runState === 'running' || !target.alive || attempt === 'given-up',
  );
  always(
    'a guest that ran stays only where it runs',
    (decision, { migrateSent, guestRan }) => decision === 'stays' && migrateSent && guestRan,
    ({ source }) => source.runState === 'running',
  );
  always(
    'it does not stay as long as it may still be sent',
    (decision, { migrateSent }) => decision === 'stays' && migrateSent,
    ({ attempt, isBegun, source }) => isEnded(source) && (attempt !== 'under-way' || isBegun),
  );
  always(
    'it is lost only without a source, and with no QEMU of libvirt’s that may have it',
    is('lost'),
    ({ source, target, attempt, migrateSent }) =>
      !source.alive && (!migrateSent || attempt === 'given-up' || !target.alive),
  );
  always(
    'two that run are looked at again, and then left alone: which one to end cannot be told',
    (_, { migrateSent, source, target, attempt }) =>
      migrateSent &&
      (attempt === 'under-way' || attempt === 'unknown') &&
      source.runState === 'running' &&
      hasRun(target),
    ({ waitedMs }, decision) => decision === (waitedMs < 5_000 ? 'wait' : 'undecided'),
  );
  always(
    'nothing is waited for without end, but for the program and for libvirt at work',
    (decision, { waitedMs }) => decision === 'wait' && waitedMs >= 5_000,
    ({ attempt, target }) => attempt === 'under-way' || target.isBusy,
  );
});

describe('what becomes of a guest that is handed back', () => {
  const base: HandbackEvidence = {
    migrateSent: true,
    isBegun: true,
    waitedMs: 0,
    watched: true,
    guestRan: true,
    source: { alive: true, runState: 'running', migration: 'active' },
    attempt: 'under-way',
    target: { alive: true, everRan: false, runState: 'inmigrate', isBusy: true },
  };
  const sent: SideEvidence = { alive: true, runState: 'postmigrate', migration: 'completed' };
  const failed: SideEvidence = { alive: true, runState: 'running', migration: 'failed' };
  const gone = { alive: false, everRan: false, runState: undefined, isBusy: false };
  const idle = { alive: true, everRan: false, runState: 'paused', isBusy: false };

  const stories: readonly (readonly [string, Partial<HandbackEvidence>, HandbackDecision])[] = [
    ['cancelled on the way', {}, 'cancel-migration'],
    ['cancelled', { source: { ...failed, migration: 'cancelled' } }, 'stays'],
    [
      'cancelled before QEMU has begun',
      { isBegun: false, source: { ...failed, migration: 'none' } },
      'wait',
    ],
    ['libvirt’s QEMU does not load it', { source: failed, attempt: 'given-up' }, 'stays'],
    ['libvirt has yet to set it running', { source: sent }, 'wait'],
    ['libvirt gives up when it has all', { source: sent, attempt: 'given-up' }, 'resume-source'],
    ['libvirt says that it runs', { source: sent, attempt: 'taken' }, 'moved'],
    [
      'the program is killed, and libvirt sets it running',
      { source: sent, attempt: 'unknown', target: { ...idle, runState: 'running' } },
      'moved',
    ],
    [
      'the program and libvirt are killed before it runs',
      { source: sent, attempt: 'unknown', target: idle },
      'end-target',
    ],
    [
      'the program, libvirt and its QEMU are killed before it runs',
      { source: sent, attempt: 'unknown', target: gone },
      'resume-source',
    ],
    [
      'the same, and nobody has listened',
      { source: sent, attempt: 'unknown', target: gone, watched: false },
      'undecided',
    ],
    ['the source is killed on the way', { source: dead, attempt: 'given-up' }, 'lost'],
    ['the source is killed when it has sent all', { source: dead, attempt: 'taken' }, 'moved'],
    [
      'it was paused, and stays so',
      { guestRan: false, source: { ...sent, runState: 'paused' }, attempt: 'given-up' },
      'stays',
    ],
  ];
  for (const [story, evidence, decision] of stories) {
    it(`${story}: ${decision}`, () => {
      assert.equal(decideHandback({ ...base, ...evidence }), decision);
    });
  }
});
