import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { commands } from '../../src/cli/commands/table';
import { qemu72 } from '../support/emulators';
import { CliBench, readVersion } from './bench';

describe('what is no command', () => {
  const bench = CliBench.forEachTest();

  for (const [words, message] of [
    [[], /^No command was given/],
    [['bogus'], /^There is no command "bogus"\. There are: start, /],
    [['--bogus', 'list'], /^sidestep has no option --bogus\.$/],
    [['list', '--bogus'], /^list has no option --bogus\.$/],
    [['list', 'extra'], /^list does not know what to do with "extra"\.$/],
    [['--state-dir', '--host', 'local'], /^--state-dir needs a value/],
    [['--sudo', 'list'], /^--sudo and --ssh-config are for a host behind SSH/],
    [['--host', 'far', 'adopt', 'x.sock'], /^Paths on far must be absolute, not "x\.sock"\.$/],
    [['start', 'x'], /^start needs QEMU-ARGS behind --\.$/],
    [['start', 'x', '-m', '1G'], /^start has no option -m; QEMU-ARGS stand behind --\.$/],
    [
      ['start', 'x', '--ram', 'tape', '--'],
      /^--ram takes one of file, memfd, as-is, not "tape"\.$/,
    ],
    [['migrate', 'x'], /^migrate needs --live: /],
    [['migrate', '--live', 'x'], /^migrate needs --local: /],
    [['migrate', '--live', '--local'], /^migrate needs DOMAIN\.$/],
    [['migrate', '--live', '--local', 'x', '--mode', 'fast'], /^--mode takes one of auto, /],
    [['migrate', '--live', '--local', 'x', '--timeout', '0'], /^--timeout takes a number of sec/],
    [['plan'], /^plan needs either a DOMAIN or --argv-file/],
    [['plan', 'x', '--argv-file', 'y'], /^plan needs either a DOMAIN or --argv-file/],
    [['stop', 'x', '--timeout', 'soon'], /^--timeout takes a number of seconds/],
    [['help', 'bogus'], /^There is no command "bogus"\./],
  ] as const) {
    it(`${JSON.stringify(words.join(' '))} ends with status 2, a sentence and the usage`, async () => {
      const { status, stdout, stderr } = await bench.run(words);
      assert.equal(status, 2);
      assert.equal(stdout, '');
      const [sentence = '', usage = '', ...more] = stderr.trimEnd().split('\n');
      assert.match(sentence.replace('sidestep: ', ''), message);
      assert.match(usage, /^Usage: sidestep /);
      assert.deepEqual(more, []);
      assert.deepEqual(await readdir(bench.folder), [], 'nothing was made');
    });
  }

  it('is told as JSON to whoever asked for JSON', async () => {
    const error = await bench.error(['migrate', 'x'], 2);
    assert.equal(error.code, 'USAGE');
    assert.match(error.hint ?? '', /^Usage: sidestep migrate --live --local DOMAIN /);
  });
});

describe('input that cannot be used', () => {
  const bench = CliBench.forEachTest();

  for (const [what, content, code, message] of [
    ['one that ends within a quote', `${qemu72} -name 'x\n`, 'TRUNCATED', /quote/],
    ['one that ends within a continued line', `${qemu72} -m 1G \\`, 'TRUNCATED', /./],
    ['malformed JSON', `${qemu72} -device '{"driver":'\n`, 'MALFORMED_JSON', /JSON.* offset 10/],
    ['an option without its value', `${qemu72} -m\n`, 'MISSING_VALUE', /-m\b/],
    ['an empty file', '', 'NO_COMMAND', /no command/],
    ['a variable', `${qemu72} -m $RAM\n`, 'UNEXPANDED', /\$RAM/],
  ] as const) {
    it(`a command line in a file, ${what}: ${code}`, async () => {
      await writeFile(bench.path('argv'), content);
      const error = await bench.error(['plan', '--argv-file', 'argv'], 3);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  it('a file that is not there, and one that is none', async () => {
    await mkdir(bench.path('folder'));
    for (const file of ['nothing', 'folder']) {
      const error = await bench.error(['plan', '--argv-file', file], 3);
      assert.equal(error.code, 'ARGV_FILE_UNREADABLE');
      assert.equal(error.path, bench.path(file));
      assert.ok(error.message.includes(bench.path(file)));
    }
  });

  it('arguments of a QEMU that do not parse', async () => {
    const error = await bench.error(['start', 'x', '--', '-M', 'q35', '-device', '{"a"'], 3);
    assert.equal(error.code, 'MALFORMED_JSON');
    const list = await bench.run(['list']);
    assert.match(list.stdout, /^No domains\./);
  });

  it('a state folder of a newer version is left as it is', async () => {
    await mkdir(bench.stateFolder, { mode: 0o700 });
    await writeFile(bench.path('state/format'), '99\n');
    for (const words of [['list'], ['start', 'x', '--', '-M', 'q35'], ['destroy', 'x']]) {
      const error = await bench.error(words, 3);
      assert.equal(error.code, 'STATE_TOO_NEW');
    }
    assert.deepEqual(await readdir(bench.stateFolder), ['format']);
    assert.equal(await readFile(bench.path('state/format'), 'utf8'), '99\n');
  });

  it('a domain that is not there', async () => {
    for (const words of [
      ['paths', 'x'],
      ['plan', 'x'],
      ['migrate', '--live', '--local', 'x', '--trace', 't'],
      ['stop', 'x'],
      ['destroy', 'x'],
    ]) {
      const { code } = await bench.error(words, 3);
      assert.equal(code, 'NO_SUCH_DOMAIN', words[0]);
    }
    assert.deepEqual(await readdir(bench.folder), ['state'], 'no trace is left');
  });

  it('a process that is none, or no QEMU', async () => {
    const cases = [
      ['999999999', 'NO_SUCH_PROCESS'],
      [String(process.pid), 'NOT_QEMU'],
      ['nothing.sock', 'NO_SUCH_SOCKET'],
    ] as const;
    for (const [given, code] of cases) {
      assert.equal((await bench.error(['adopt', given], 3)).code, code);
    }
  });

  it('a trace file that exists is not written over', async () => {
    await writeFile(bench.path('precious'), 'data');
    const words = ['migrate', '--live', '--local', 'x', '--trace', 'precious'];
    assert.equal((await bench.error(words, 3)).code, 'TRACE_EXISTS');
    assert.equal(await readFile(bench.path('precious'), 'utf8'), 'data');
  });

  it('a trace that is none, or of a newer version', async () => {
    const header = { type: 'header', at: 1, version: 99, host: 'h', domain: 'd', uuid: 'u' };
    await writeFile(bench.path('text'), 'no trace\n');
    await writeFile(bench.path('binary'), Buffer.from([0xff, 0xfe, 0, 10]));
    await writeFile(bench.path('new'), `${JSON.stringify(header)}\n`);
    const cases = [
      ['nothing', 'TRACE_MISSING'],
      ['text', 'NOT_A_TRACE'],
      ['binary', 'NOT_A_TRACE'],
      ['new', 'TRACE_TOO_NEW'],
    ] as const;
    for (const [file, code] of cases) {
      assert.equal((await bench.error(['trace', file], 3)).code, code);
      if (file === 'nothing') continue;
      assert.equal((await bench.error(['trace', '--follow', file], 3)).code, code);
    }
  });
});

describe('help', () => {
  const bench = CliBench.forEachTest();

  it('lists every command, and exits at once', async () => {
    for (const words of [['help'], ['--help']]) {
      const { status, stdout } = await bench.run(words);
      assert.equal(status, 0);
      for (const name of commands.keys()) assert.match(stdout, new RegExp(`\n  ${name} +[A-Z]`));
    }
  });

  it('of a command says how it is typed, and does nothing else', async () => {
    for (const words of [
      ['destroy', '--help'],
      ['help', 'destroy'],
      ['--help', 'destroy'],
    ]) {
      const { status, stdout } = await bench.run(words);
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: sidestep destroy DOMAIN \[--yes\] \[--connect URI\]\n/);
    }
    assert.deepEqual(await readdir(bench.folder), []);
  });

  it('is not needed to learn the version', async () => {
    const version = await readVersion();
    assert.equal((await bench.run(['--version'])).stdout, `sidestep ${version}\n`);
    const { stdout } = await bench.run(['--json', '--version']);
    assert.deepEqual(JSON.parse(stdout), { version });
  });
});
