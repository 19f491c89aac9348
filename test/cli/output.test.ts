import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SidestepError } from '../../src/engine/errors';
import type { TraceRecord } from '../../src/engine/trace/record';
import { exitStatusOf } from '../../src/cli/exit-status';
import { errorDocument, errorText } from '../../src/cli/output/errors';
import { migrationReport, type MigrationDocument } from '../../src/cli/output/migration-report';
import { printable, printableLines, printJson } from '../../src/engine/text/printable';
import { Progress } from '../../src/cli/output/progress';
import { table } from '../../src/cli/output/table';
import { Terminal, type Paint } from '../../src/cli/output/terminal';
import { traceResult } from '../../src/cli/output/trace-printer';
import { traceHeading, traceLine } from '../../src/cli/output/trace-lines';
import { formatBytes, formatDuration, formatRate, formatUptime } from '../../src/engine/text/units';
import { columnsOf, cutToColumns } from '../../src/engine/text/width';
import { summarize } from '../../src/engine/trace/summary';
import { upgraded } from '../views/timeline/traces';
import { UsageError } from '../../src/cli/usage-error';

const plain: Paint = (_, text) => text;
/** All that may move a cursor, change a colour or turn the direction of text. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function lines(...all: readonly string[]): string {
  return all.join('\n');
}

describe('quantities', () => {
  for (const [us, text] of [
    [0, '0 µs'],
    [999, '999 µs'],
    [1_000, '1.00 ms'],
    [9_994, '9.99 ms'],
    [9_996, '10.0 ms'],
    [97_040, '97.0 ms'],
    [412_400, '412 ms'],
    [999_600, '1.00 s'],
    [59_900_000, '59.9 s'],
    [125_000_000, '2 min 5 s'],
  ] as const) {
    it(`a duration of ${us} µs is ${text}`, () => {
      assert.equal(formatDuration(us), text);
    });
  }

  it('an uptime has two units', () => {
    const minute = 60_000_000;
    assert.equal(formatUptime(999_999), '0 s');
    assert.equal(formatUptime(3 * minute + 20_000_000), '3 min 20 s');
    assert.equal(formatUptime(125 * minute), '2 h 5 min');
    assert.equal(formatUptime((12 * 24 + 4) * 60 * minute), '12 d 4 h');
  });

  it('bytes and rates are in binary units', () => {
    assert.equal(formatBytes(0), '0 B');
    assert.equal(formatBytes(512), '512 B');
    assert.equal(formatBytes(1024), '1.00 KiB');
    assert.equal(formatBytes(67_000_000), '63.9 MiB');
    assert.equal(formatBytes(1024 ** 3 - 1), '1.00 GiB');
    assert.equal(formatBytes(3 * 1024 ** 5), '3072 TiB');
    assert.equal(formatRate(8_000), '954 MiB/s');
  });
});

describe('text of others', () => {
  for (const [text, shown] of [
    ['plain ünï 日本', 'plain ünï 日本'],
    ['a\x1b[31mred\x1b[0m', 'a\\x1b[31mred\\x1b[0m'],
    ['two\nlines\r\t', 'two\\nlines\\r\\t'],
    ['c1 \x9b31m', 'c1 \\x9b31m'],
    ['exe.\u202egnp', 'exe.\\u{202e}gnp'],
    ['a\u200bb\u2028c', 'a\\u{200b}b\\u{2028}c'],
    ['half \ud800', 'half \\u{d800}'],
  ] as const) {
    it(`is printed as ${shown}`, () => {
      assert.equal(printable(text), shown);
    });
  }

  it('keeps its lines where it has several', () => {
    assert.equal(printableLines('one\r\ntwo\n\x07'), 'one\ntwo\n\\x07');
  });

  it('never reaches the terminal with a character that steers it', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 20 });
    fc.assert(
      fc.property(hostile, (text) => {
        assert.doesNotMatch(printable(text), unsafe);
        assert.doesNotMatch(printableLines(text).replaceAll('\n', ''), unsafe);
        assert.doesNotMatch(printJson({ text }).replaceAll('\n', ''), unsafe);
        assert.deepEqual(JSON.parse(printJson({ text })), { text });
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe('tables', () => {
  it('align their columns, also under wide characters', () => {
    assert.equal(
      table(
        [{ title: 'Id', align: 'right' }, { title: 'Name' }, { title: 'State' }],
        [
          ['1', 'web', 'running'],
          ['10', '日本\n', 'gone'],
        ],
      ),
      lines('Id  Name    State', ' 1  web     running', '10  日本\\n  gone'),
    );
  });

  it('are empty without rows', () => {
    assert.equal(table([{ title: 'Id' }], []), '');
  });

  it('text is measured and cut by columns', () => {
    assert.equal(columnsOf('e\u0301日'), 3);
    assert.equal(cutToColumns('abcdef', 6), 'abcdef');
    assert.equal(cutToColumns('abcdefg', 6), 'abcde…');
    assert.equal(cutToColumns('日本語', 4), '日…');
  });
});

describe('the terminal', () => {
  const painted = (isTTY: boolean, environment: NodeJS.ProcessEnv) => {
    const stream = { isTTY, write: () => true };
    const terminal = new Terminal(stream, stream, environment, new AbortController().signal);
    return { text: terminal.paint('bold', 'x'), canRedraw: terminal.canRedraw };
  };

  it('is coloured and drawn over only if it is one', () => {
    const bold = '\x1b[1mx\x1b[0m';
    assert.deepEqual(painted(true, { TERM: 'xterm' }), { text: bold, canRedraw: true });
    assert.deepEqual(painted(false, { TERM: 'xterm' }), { text: 'x', canRedraw: false });
    assert.deepEqual(painted(true, { TERM: 'dumb' }), { text: 'x', canRedraw: false });
    assert.deepEqual(painted(true, { NO_COLOR: '1' }), { text: 'x', canRedraw: true });
    assert.deepEqual(painted(true, { NO_COLOR: '' }), { text: bold, canRedraw: true });
  });
});

describe('a migration in words', () => {
  const moved: MigrationDocument = {
    domain: 'web\x1b[2J',
    uuid: 'c844c8f2-aaf1-4ac6-a6f7-92529918e27b',
    from: { id: 7, emulator: '/usr/bin/qemu', version: '7.2.22', pid: 100 },
    to: { id: 8, emulator: '/opt/qemu', version: '10.0.13', pid: 200 },
    mode: 'ignore-shared',
    phases: [
      { name: 'begin', side: 'source', startUs: 120, endUs: 3_120 },
      { name: 'prepare', side: 'target', startUs: 3_200, endUs: 60_200 },
    ],
    downtimeUs: 2_412,
    totalUs: 97_000,
    takenBack: [
      { what: 'VNC', address: '127.0.0.1:5901' },
      { what: 'monitor hmp', address: '127.0.0.1:4444', error: 'no hotswap' },
    ],
    warnings: [{ code: 'USER_NET', message: 'Connections end.' }],
    trace: '/tmp/a b.sidestep-trace',
  };

  it('tells phases, downtime, addresses, warnings and the trace', () => {
    assert.equal(
      migrationReport(moved, plain),
      lines(
        'Domain "web\\x1b[2J" has moved from instance 7 (QEMU 7.2.22, /usr/bin/qemu, pid 100)',
        'to instance 8 (QEMU 10.0.13, /opt/qemu, pid 200).',
        '',
        'Phase    Side    Began at     Took',
        'begin    source    120 µs  3.00 ms',
        'prepare  target   3.20 ms  57.0 ms',
        '',
        'ignore-shared, downtime 2.41 ms, 97.0 ms in all',
        '',
        'Taken back',
        '  VNC  127.0.0.1:5901',
        '',
        'Not taken back',
        '  monitor hmp  127.0.0.1:4444: no hotswap',
        '',
        'Warnings',
        '  Connections end. [USER_NET]',
        '',
        'Trace: /tmp/a b.sidestep-trace',
        "To read it: sidestep trace '/tmp/a b.sidestep-trace'",
      ),
    );
  });

  it('tells no downtime of a guest that stood still', () => {
    const text = migrationReport(
      { ...moved, downtimeUs: null, takenBack: [], warnings: [] },
      plain,
    );
    assert.match(text, /the guest stood still before and after, 97\.0 ms/);
    assert.doesNotMatch(text, /aken back|Warnings/);
  });

  it('tells how far it is, from its records', () => {
    const progress = new Progress();
    const at = 1_000_000;
    assert.equal(progress.line(at), 'Looking at the domain');
    progress.hear({ type: 'phase', at, phase: 'begin', side: 'source', edge: 'begin' });
    assert.equal(progress.line(at + 900), '1/5 Begin (source) · 900 µs');
    progress.hear({
      ...{ type: 'plan', at, mode: 'precopy', blockers: [], warnings: [] },
      from: { id: 1, emulator: '/q', version: '7.2.22', pid: 1 },
      to: { emulator: '/q', version: '7.2.22' },
    });
    progress.hear({ type: 'phase', at, phase: 'perform', side: 'source', edge: 'begin' });
    const ram = { type: 'ram', at, instance: 1, transferred: 1 } as const;
    progress.hear({ ...ram, remaining: 600, total: 1000 });
    assert.equal(
      progress.line(at + 2_000),
      '3/5 Perform (source) · precopy · 40 % of 0.98 KiB · 2.00 ms',
    );
    progress.hear({ ...ram, remaining: 0, total: 1024 ** 3, mbps: 8000, dirtySyncCount: 3 });
    progress.cancel();
    assert.equal(
      progress.line(at + 3_000_000),
      'Cancelling in 3/5 Perform · precopy · 100 % of 1.00 GiB · 954 MiB/s · pass 3 · 3.00 s',
    );
  });
});

describe('two migrations in one trace', () => {
  it('are told by which of them is under way', () => {
    const progress = new Progress();
    const now = (upgraded[0]?.at ?? 0) + 1_000_000;
    const lines = upgraded.map((record) => {
      progress.hear(record);
      return progress.line(now);
    });
    const seen = new Set(lines.map((line) => line.replace(/ · 1\.00 s$/, '')));
    assert.deepEqual(
      [...seen].filter((line) => !line.includes('%')),
      [
        'Looking at the domain',
        '1/5 Begin (source)',
        'To Sidestep, 1/5 Begin (source) · ignore-shared',
        'To Sidestep, 2/5 Prepare (target) · ignore-shared',
        'To Sidestep, 3/5 Perform (source) · ignore-shared',
        'To Sidestep, 4/5 Finish (target) · ignore-shared',
        'To Sidestep, 5/5 Confirm (source) · ignore-shared',
        'Back to libvirt, 1/5 Begin (source)',
        'Back to libvirt, 1/5 Begin (source) · precopy',
        'Back to libvirt, 2/5 Prepare (target) · precopy',
        'Back to libvirt, 3/5 Perform (source) · precopy',
        'Back to libvirt, 4/5 Finish (target) · precopy',
        'Back to libvirt, 5/5 Confirm (source) · precopy',
      ],
    );
  });

  it('have a table of phases each', () => {
    const { text } = traceResult(summarize(upgraded), upgraded);
    assert.match(text, /^\n1\. To Sidestep, ignore-shared, downtime 1\.50 ms\nPhase .*\nbegin /);
    assert.match(text, /\n\n2\. Back to libvirt, precopy, downtime 1\.50 ms\nPhase .*\nbegin /);
    assert.match(text, /\n\nmoved, downtime 3\.00 ms, 160 ms in all$/);
    assert.equal(text.match(/^confirm /gm)?.length, 2);
  });
});

describe('the lines of a trace', () => {
  const at = 5_000_000;
  const header: TraceRecord = {
    type: 'header',
    at,
    version: 1,
    host: 'local',
    domain: 'w\x1b',
    uuid: 'U',
  };
  const qmp = { type: 'qmp', at: at + 12_345, phase: 'perform', instance: 3, bytes: 9 } as const;
  const records: readonly (readonly [TraceRecord, string])[] = [
    [header, '      0.000                 trace of domain "w\\x1b" (U) on host local'],
    [
      {
        ...qmp,
        direction: 'sent',
        kind: 'command',
        name: 'migrate',
        message: { execute: 'migrate', arguments: { uri: 'unix:/a' } },
      },
      '     12.345  perform     3  -> command migrate {"uri":"unix:/a"}',
    ],
    [
      { ...qmp, direction: 'received', kind: 'event', name: 'STOP', message: { event: 'STOP' } },
      '     12.345  perform     3  <- event STOP',
    ],
    [
      {
        ...qmp,
        direction: 'received',
        kind: 'reply',
        name: 'qom-get',
        message: { return: 'x\ny' },
      },
      '     12.345  perform     3  <- reply qom-get "x\\ny"',
    ],
    [
      {
        ...qmp,
        direction: 'received',
        kind: 'error',
        name: 'quit',
        message: { error: { desc: 'D' } },
      },
      '     12.345  perform     3  <- error quit {"desc":"D"}',
    ],
    [
      { type: 'phase', at, phase: 'confirm', side: 'source', edge: 'end' },
      '      0.000  confirm        phase confirm at the source: end',
    ],
    [
      { type: 'step', at: at - 1_000, phase: 'begin', step: 'connect-source', edge: 'failed' },
      '     -1.000  begin          step connect-source: failed',
    ],
    [
      { type: 'run-state', at, instance: 3, state: 'paused' },
      '      0.000              3  run state: paused',
    ],
    [
      { type: 'ram', at, instance: 3, transferred: 1024, remaining: 0, total: 2048, mbps: 8000 },
      '      0.000              3  RAM: 1.00 KiB sent, 0 B of 2.00 KiB left, 954 MiB/s',
    ],
    [
      { type: 'table', at, instance: 4, to: 'remote' },
      '      0.000              4  from no table to remote table',
    ],
    [
      { type: 'process', at, instance: 4, edge: 'start', pid: 9, argv: ['q', '-S'] },
      '      0.000              4  process 9: start q -S',
    ],
    [
      { type: 'output', at, instance: 4, text: 'a\x1b\nb\n' },
      '      0.000              4  QEMU printed: a\\x1b\\nb',
    ],
    [
      { type: 'take-back', at, what: 'VNC', address: ':1', error: 'busy' },
      '      0.000                 not taken back: VNC :1: busy',
    ],
    [
      { type: 'warning', at, code: 'C', message: 'M.' },
      '      0.000                 warning: M. [C]',
    ],
    [
      { type: 'verdict', at, outcome: 'stayed', code: 'TIMEOUT', message: 'Too long.' },
      '      0.000                 verdict: stayed: Too long. [TIMEOUT]',
    ],
  ];

  for (const [record, line] of records) {
    it(line.trim(), () => {
      assert.equal(traceLine(record, at), line);
    });
  }

  it('stand below their heading, and are cut to the terminal', () => {
    assert.equal(traceHeading(), '    Time/ms  Phase    Inst  What happened');
    assert.equal(traceLine(header, at, 40), '      0.000                 trace of do…');
  });
});

describe('errors', () => {
  const failed = new SidestepError('TARGET_FAILED', 'It broke\x07.', {
    hint: 'Mend it.',
    instance: 4,
    path: '/bin/q',
    outcome: 'stayed',
    output: Array.from({ length: 12 }, (_, line) => `line ${line}\x1b[K`).join('\n'),
    trace: '/t',
    cause: new Error('inner'),
  });

  it('are told to a reader with what to do and what QEMU said last', () => {
    assert.equal(
      errorText(failed, plain),
      lines(
        'sidestep: It broke\\x07. [TARGET_FAILED]',
        'Mend it.',
        'QEMU said:',
        ...Array.from({ length: 10 }, (_, line) => `  line ${line + 2}\\x1b[K`),
        'Trace: /t',
      ),
    );
  });

  it('are told to a program with all that is known', () => {
    const { error } = errorDocument(failed);
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      code: 'TARGET_FAILED',
      message: 'It broke\x07.',
      hint: 'Mend it.',
      instance: 4,
      path: '/bin/q',
      outcome: 'stayed',
      output: error.output,
      trace: '/t',
    });
  });

  it('of typing come with the usage', () => {
    const error = new UsageError('No.', 'sidestep go A');
    assert.equal(errorText(error, plain), 'sidestep: No.\nUsage: sidestep go A');
  });

  it('that are a fault of ours come with the stack', () => {
    const text = errorText(new TypeError('x is not a function'), plain);
    assert.match(
      text,
      /^sidestep: x is not a function \[INTERNAL\]\nThis is a fault in Sidestep:\n/,
    );
    assert.match(text, /\n {6}at .*output\.test\.ts/);
  });

  for (const [status, error] of [
    [2, new UsageError('No.')],
    [1, new SidestepError('TIMEOUT', '', { outcome: 'stayed' })],
    [3, new SidestepError('REFUSED', '', { outcome: 'refused' })],
    [4, new SidestepError('SOURCE_UNREACHABLE', '', { outcome: 'undecided' })],
    [4, new SidestepError('TARGET_LOST', '', { outcome: 'lost' })],
    [3, new SidestepError('STATE_TOO_NEW', '')],
    [1, new SidestepError('START_FAILED', '')],
    [1, new Error('what')],
    [1, 'not even an error'],
  ] as const) {
    const { code, details } = error instanceof SidestepError ? error : {};
    it(`${code ?? String(error)} ${details?.outcome ?? ''} ends with status ${status}`, () => {
      assert.equal(exitStatusOf(error), status);
    });
  }
});
