import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  hasEnded,
  hasUnixListener,
  parseBootTime,
  parseCommandLine,
  parseStat,
  parseUid,
} from '../../src/host/proc';

const afterName = 'S 1 42 42 0 -1 4194560 9 0 0 0 1 2 3 4 20 0 5 0 987654 1000 200';

describe('/proc/PID/stat', () => {
  for (const name of ['qemu-system-x86', 'a b', ') Z 1 (', '()', 'line\nbreak']) {
    it(`is read behind a process name ${JSON.stringify(name)}`, () => {
      assert.deepEqual(parseStat(`42 (${name}) ${afterName}`), {
        state: 'S',
        threads: 5,
        startTime: 987654,
      });
    });
  }

  it('is nothing when it is cut off', () => {
    assert.equal(parseStat(''), undefined);
    assert.equal(parseStat('42 (qemu) S 1 42'), undefined);
  });

  it('tells a process that has ended from one that is stopped', () => {
    assert.equal(hasEnded({ state: 'Z', threads: 1, startTime: 1 }), true);
    assert.equal(hasEnded({ state: 'X', threads: 0, startTime: 1 }), true);
    assert.equal(hasEnded({ state: 'T', threads: 4, startTime: 1 }), false);
  });

  it('tells a process whose first thread ended before the others from one that has ended', () => {
    assert.equal(hasEnded({ state: 'Z', threads: 2, startTime: 1 }), false);
  });
});

describe('/proc/PID/cmdline', () => {
  const cases: [text: string, argv: string[]][] = [
    ['', []],
    ['sleep\x0060\0', ['sleep', '60']],
    ['qemu\0-name\0\0', ['qemu', '-name', '']],
    ['\0', ['']],
    ['-name\0a b;$(c) "ü"\n\0', ['-name', 'a b;$(c) "ü"\n']],
    ['nginx: worker process', ['nginx: worker process']],
  ];
  for (const [text, argv] of cases) {
    it(`${JSON.stringify(text)} holds ${JSON.stringify(argv)}`, () => {
      assert.deepEqual(parseCommandLine(Buffer.from(text)), argv);
    });
  }
});

describe('other files of /proc', () => {
  it('tell the effective user', () => {
    assert.equal(parseUid('Name:\tqemu\nUmask:\t0022\nUid:\t0\t107\t107\t107\nGid:\t0\n'), 107);
    assert.equal(parseUid('Name:\tqemu\n'), undefined);
  });

  it('tell when the host booted', () => {
    assert.equal(parseBootTime('cpu 1 2\nbtime 1700000000\nprocesses 7\n'), 1700000000);
    assert.equal(parseBootTime('cpu 1 2\n'), undefined);
  });

  it('are read as this kernel writes them', () => {
    assert.equal(parseStat(readFileSync('/proc/self/stat', 'latin1'))?.state, 'R');
    assert.equal(parseUid(readFileSync('/proc/self/status', 'latin1')), process.geteuid?.());
    assert.ok((parseBootTime(readFileSync('/proc/stat', 'latin1')) ?? 0) > 1e9);
  });
});

describe('/proc/net/unix', () => {
  const table = (...paths: [flags: string, path: string][]) =>
    [
      'Num       RefCount Protocol Flags    Type St Inode Path\n',
      '00000000e1a2b3c4: 00000003 00000000 00000000 0001 03 21000\n',
      ...paths.map(
        ([flags, path]) => `0000000000000000: 00000002 00000000 ${flags} 0001 01 21134 ${path}\n`,
      ),
    ].join('');

  for (const path of ['/run/a.sock', '/run/a b;"c" ü.sock', '/run/line\nbreak.sock']) {
    it(`has a listener on ${JSON.stringify(path)} once it listens`, () => {
      const others: [string, string][] = [
        ['00010000', `${path}2`],
        ['00010000', `/other${path}`],
      ];
      assert.equal(hasUnixListener(table(...others), path), false);
      assert.equal(hasUnixListener(table(...others, ['00000000', path]), path), false);
      assert.equal(hasUnixListener(table(...others, ['00010000', path]), path), true);
      // A connection accepted by a listener has its path as well.
      assert.equal(hasUnixListener(table(['00000000', path], ['00010000', path]), path), true);
    });
  }
});
