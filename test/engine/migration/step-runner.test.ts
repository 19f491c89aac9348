import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SidestepError } from '../../../src/engine/errors';
import { Journal, readJournal } from '../../../src/engine/migration/journal';
import {
  StepRunner,
  type BeforeStep,
  type PhaseSteps,
  type Step,
} from '../../../src/engine/migration/step-runner';
import type { TraceRecord } from '../../../src/engine/trace/record';
import { Trace } from '../../../src/engine/trace/trace';
import { openLocalHost, type LocalHost } from '../../../src/host/local';

describe('the step runner', () => {
  let folder: string;
  let host: LocalHost;
  let journal: Journal;
  /** What was done, in order. */
  let done: string[];
  let records: TraceRecord[];

  beforeEach(async () => {
    folder = await mkdtemp('/tmp/steps-');
    host = openLocalHost();
    journal = new Journal(host, journalPath(), { uuid: 'u', source: 1 });
    await journal.open();
    done = [];
    records = [];
  });
  afterEach(async () => {
    await journal.close();
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  const journalPath = () => join(folder, 'journal.ndjson');
  const announced = async () =>
    readJournal(await readFile(journalPath(), 'utf8')).flatMap((entry) =>
      entry.kind === 'step' ? `${entry.phase} ${entry.step}` : [],
    );
  const traced = () =>
    records.flatMap((record) =>
      record.type === 'step'
        ? `${record.step} ${record.edge}`
        : record.type === 'phase'
          ? `${record.phase} ${record.edge}`
          : record.type === 'warning'
            ? record.code
            : [],
    );

  function runner(beforeStep?: BeforeStep): StepRunner<string> {
    const trace = new Trace(() => 0);
    trace.listen((record) => records.push(record));
    return new StepRunner('context', { trace, journal, beforeStep });
  }

  /** A step that notes what is done with it. */
  function step(name: string, more: Partial<Step<string>> = {}): Step<string> {
    return {
      name,
      take: (context) => {
        done.push(`take ${name} of ${context}`);
        return Promise.resolve();
      },
      undo: () => {
        done.push(`undo ${name}`);
        return Promise.resolve();
      },
      ...more,
    };
  }
  const fails = (message: string) => () => Promise.reject(new Error(message));

  it('takes the steps of all phases in order, and traces around each', async () => {
    await runner().run([
      { phase: 'begin', steps: [step('a'), step('b')] },
      { phase: 'prepare', steps: [step('c')] },
    ]);
    assert.deepEqual(done, ['take a of context', 'take b of context', 'take c of context']);
    assert.deepEqual(traced(), [
      ...['begin begin', 'a begin', 'a end', 'b begin', 'b end', 'begin end'],
      ...['prepare begin', 'c begin', 'c end', 'prepare end'],
    ]);
  });

  it('has a step in the journal before it is taken', async () => {
    const seen: string[][] = [];
    const look = async () => {
      seen.push(await announced());
    };
    const steps = [step('a', { take: look }), step('b', { take: look })];
    await runner().run([{ phase: 'begin', steps }]);
    assert.deepEqual(seen, [
      ['begin a', 'begin b'],
      ['begin a', 'begin b'],
    ]);
  });

  it('has the steps of all phases to come in the journal while a phase runs', async () => {
    const seen: string[][] = [];
    const look = async () => {
      seen.push(await announced());
    };
    const running = runner();
    const after = [
      { phase: 'perform', steps: [step('c', { take: look })] },
      { phase: 'finish', steps: [step('d', { take: look })] },
    ] as const;
    const before = [
      { phase: 'begin', steps: [step('a', { take: look })] },
      { phase: 'prepare', steps: [step('b', { take: look })] },
    ] as const;
    await running.run(before, undefined, after);
    await running.run(after);
    const all = ['begin a', 'prepare b', 'perform c', 'finish d'];
    assert.deepEqual(seen, [all, all, all, all]);
  });

  it('leaves out a step that this migration does not take', async () => {
    await runner().run([
      {
        phase: 'begin',
        steps: [step('a', { when: () => false }), step('b', { when: () => true })],
      },
    ]);
    assert.deepEqual(done, ['take b of context']);
    assert.deepEqual(traced(), ['begin begin', 'b begin', 'b end', 'begin end']);
  });

  it('asks whether a step is taken only when its turn has come', async () => {
    let ready = false;
    const first = step('a', {
      take: () => {
        ready = true;
        return Promise.resolve();
      },
    });
    await runner().run([{ phase: 'begin', steps: [first, step('b', { when: () => ready })] }]);
    assert.deepEqual(done, ['take b of context']);
  });

  it('undoes what was begun, the last step first, the one that failed included', async () => {
    const running = runner();
    const phases: PhaseSteps<string>[] = [
      { phase: 'begin', steps: [step('a')] },
      { phase: 'prepare', steps: [step('b'), step('c', { take: fails('no') }), step('d')] },
    ];
    await assert.rejects(running.run(phases), /^Error: no$/);
    await running.undo();
    assert.deepEqual(done.slice(2), ['undo c', 'undo b', 'undo a']);
    assert.deepEqual(traced().slice(-6), [
      ...['c begin', 'c failed', 'prepare failed'],
      ...['c undone', 'b undone', 'a undone'],
    ]);
  });

  it('goes on undoing when one step cannot be undone, and says so', async () => {
    const running = runner();
    await running.run([
      { phase: 'begin', steps: [step('a'), step('b', { undo: fails('stuck') }), step('c')] },
    ]);
    await running.undo();
    assert.deepEqual(done.slice(-2), ['undo c', 'undo a']);
    const warning = records.find((record) => record.type === 'warning');
    assert.deepEqual(
      { ...warning },
      {
        at: 0,
        type: 'warning',
        phase: 'begin',
        code: 'UNDO_FAILED',
        message: 'Step b could not be undone: stuck',
      },
    );
  });

  it('undoes a step only once', async () => {
    const running = runner();
    await running.run([{ phase: 'begin', steps: [step('a')] }]);
    await running.undo();
    await running.undo();
    assert.deepEqual(done, ['take a of context', 'undo a']);
  });

  it('takes up phases where it was cut off: what was begun is not taken again', async () => {
    let works = false;
    const running = runner();
    const b = step('b', { take: () => (works ? Promise.resolve() : fails('not yet')()) });
    const phases = [{ phase: 'finish', steps: [step('a'), b, step('c')] }] as const;
    await assert.rejects(running.run(phases), /not yet/);
    works = true;
    await running.run(phases);
    assert.deepEqual(done, ['take a of context', 'take c of context']);
  });

  for (const [when, phases] of [
    ['between two steps', [{ phase: 'begin', steps: [0, 1] }]],
    [
      'between two phases',
      [
        { phase: 'begin', steps: [0] },
        { phase: 'prepare', steps: [1] },
      ],
    ],
  ] as const) {
    it(`takes no further step once cancelled ${when}`, async () => {
      const cancel = new AbortController();
      const first = step('a', {
        take: () => {
          cancel.abort();
          return Promise.resolve();
        },
      });
      const both = [first, step('b')];
      const chosen = phases.map(({ phase, steps }) => ({
        phase,
        steps: both.filter((_, index) => (steps as readonly number[]).includes(index)),
      }));
      await assert.rejects(runner().run(chosen, cancel.signal), { code: 'CANCELLED' });
      assert.deepEqual(done, []);
      assert.ok(!traced().includes('b begin'));
    });
  }

  it('takes no step that was cancelled while somebody looked at it', async () => {
    const cancel = new AbortController();
    const running = runner(() => {
      cancel.abort(new SidestepError('TIMEOUT', 'It took too long.'));
    });
    await assert.rejects(running.run([{ phase: 'begin', steps: [step('a')] }], cancel.signal), {
      code: 'TIMEOUT',
    });
    await running.undo();
    assert.deepEqual(done, []);
  });

  it('waits for whoever looks at a step before it is taken', async () => {
    const running = runner(async (phase, name) => {
      await Promise.resolve();
      done.push(`look at ${phase} ${name}`);
    });
    await running.run([{ phase: 'begin', steps: [step('a')] }]);
    assert.deepEqual(done, ['look at begin a', 'take a of context']);
  });
});

describe('the journal', () => {
  let folder: string;
  let host: LocalHost;
  beforeEach(async () => {
    folder = await mkdtemp('/tmp/journal-');
    host = openLocalHost();
  });
  afterEach(async () => {
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  it('is read back as it was written, up to the last whole line', async () => {
    const path = join(folder, 'journal.ndjson');
    const journal = new Journal(host, path, { uuid: 'u', source: 7, trace: '/t' });
    await journal.open();
    await journal.announce('begin', ['examine-source']);
    await journal.close();
    const text = await readFile(path, 'utf8');
    const entries = readJournal(text);
    assert.deepEqual(
      entries.map((entry) => ({ ...entry, at: 0 })),
      [
        { kind: 'begin', at: 0, onClose: 'finish', uuid: 'u', source: 7, trace: '/t' },
        { kind: 'step', at: 0, phase: 'begin', step: 'examine-source' },
      ],
    );
    for (const cut of [1, 10, 40]) {
      assert.deepEqual(readJournal(text.slice(0, -cut)), entries.slice(0, 1));
    }
    assert.deepEqual(readJournal(''), []);
  });

  it('is gone once the migration has come to an end', async () => {
    const path = join(folder, 'journal.ndjson');
    const journal = new Journal(host, path, { uuid: 'u', source: 7 });
    await journal.open();
    assert.deepEqual(journal.removal, []);
    journal.end();
    await journal.close();
    await host.files(journal.removal);
    await assert.rejects(readFile(path), { code: 'ENOENT' });
  });
});
