import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { openLocalHost } from '../../src/host/local';
import { eventually } from '../support/eventually';
import { describeOnEachHost, hostError } from './workbench';

describeOnEachHost('running a program', (bench) => {
  const sh = (script: string, options = {}) => bench.host.run(['sh', '-c', script], options);

  it('gives its arguments as they are, no shell reads them', async () => {
    const args = ['', ' ', '$(id)', '`id`', ';', '"\'', '*', 'line\nbreak', 'ü💻', '-n', '\\'];
    const { stdout } = await bench.host.run(['printf', '%s\\0', ...args]);
    assert.equal(stdout.toString(), args.map((arg) => `${arg}\0`).join(''));
  });

  it('tells the exit status, and which signal ended it', async () => {
    const exited = await sh('echo out; echo err >&2; exit 3');
    assert.deepEqual(
      { ...exited, stdout: exited.stdout.toString(), stderr: exited.stderr.toString() },
      { status: 3, killedBy: undefined, stdout: 'out\n', stderr: 'err\n' },
    );
    const killed = await sh('kill -TERM $$');
    assert.deepEqual([killed.status, killed.killedBy], [undefined, 'SIGTERM']);
  });

  it('passes input and output of any size without loss', async () => {
    const stdin = Buffer.alloc(5_000_000, 'input ');
    const { stdout } = await bench.host.run(['cat'], { stdin });
    assert.ok(stdout.equals(stdin));
  });

  it('does not mind a program that reads none of its input, and gives none by default', async () => {
    const { status } = await bench.host.run(['true'], { stdin: Buffer.alloc(5_000_000) });
    assert.equal(status, 0);
    assert.equal((await bench.host.run(['cat'])).stdout.length, 0);
  });

  it('tells output as it comes, while the program runs', async () => {
    const told: string[] = [];
    const fifo = bench.path('go');
    await sh(`mkfifo ${fifo}`);
    const running = sh(`echo one; read word < ${fifo}; echo "$word"; echo err >&2; exit 3`, {
      onStdout: (data: Buffer) => told.push(data.toString()),
    });
    await eventually(() => told.join('') === 'one\n');
    await sh(`echo two > ${fifo}`);
    const { status, stdout, stderr } = await running;
    assert.deepEqual(
      [told.join(''), status, stdout.toString(), stderr.toString()],
      ['one\ntwo\n', 3, '', 'err\n'],
    );
  });

  it('takes a working directory, and adds to the environment', async () => {
    const { stdout } = await sh('pwd; echo "$ADDED"; test -n "$PATH"', {
      cwd: bench.folder,
      env: { ADDED: 'a "b"' },
    });
    assert.equal(stdout.toString(), `${bench.folder}\na "b"\n`);
  });

  describe('says why a program does not start', () => {
    const file = (text: string, mode: number) => {
      fs.writeFileSync(bench.path('program'), text, { mode });
      return bench.path('program');
    };
    it('it does not exist', async () => {
      for (const program of ['no-such-program', bench.path('nothing'), bench.path('a', 'b')]) {
        await assert.rejects(bench.host.run([program]), hostError('NO_SUCH_FILE', program));
      }
    });
    it('it may not be executed', async () => {
      const program = file('#!/bin/sh\n', 0o644);
      await assert.rejects(bench.host.run([program]), hostError('PERMISSION_DENIED', program));
      await assert.rejects(bench.host.run([bench.folder]), hostError('PERMISSION_DENIED'));
    });
    for (const text of ['', 'rm -rf everything\n', '\x7fEL']) {
      it(`it is no program: ${JSON.stringify(text)}`, async () => {
        const program = file(text, 0o755);
        await assert.rejects(bench.host.run([program]), hostError('NOT_A_PROGRAM', program));
      });
    }
    it('its interpreter does not exist', async () => {
      const program = file('#!/no/such/interpreter\n', 0o755);
      await assert.rejects(bench.host.run([program]), hostError('NO_SUCH_FILE', program));
    });
    it('its working directory does not exist', async () => {
      const cwd = bench.path('nothing');
      await assert.rejects(bench.host.run(['true'], { cwd }), hostError('NO_SUCH_FILE', cwd));
    });
    it('it has no name, or one no file can have', async () => {
      await assert.rejects(bench.host.run([]), hostError('NO_SUCH_FILE'));
      await assert.rejects(bench.host.run(['a\0b']), hostError('IO'));
    });
  });

  describe('that takes too long, with all it started', () => {
    /** A program whose child holds its output open; tells both pids. */
    const script = () => `sleep 60 & echo $$ $! > '${bench.path('pids')}'; wait`;
    const pids = () => fs.readFileSync(bench.path('pids'), 'utf8').trim().split(' ').map(Number);
    const started = () =>
      eventually(() => fs.existsSync(bench.path('pids')) && pids().length === 2);
    // Also when the host under test has been disposed of.
    const observer = openLocalHost();
    const ended = () =>
      eventually(async () => (await observer.inspect(pids())).every((facts) => !facts));

    it('is killed at its timeout', async () => {
      const running = sh(script(), { timeoutMs: 1000 });
      await assert.rejects(running, hostError('TIMEOUT', 'sh'));
      await ended();
    });
    it('is killed when cancelled', async () => {
      const cancel = new AbortController();
      const running = sh(script(), { signal: cancel.signal });
      await started();
      cancel.abort();
      await assert.rejects(running, hostError('CANCELLED'));
      await ended();
    });
    it('is killed when the host is disposed', async () => {
      const running = sh(script());
      await started();
      await Promise.all([assert.rejects(running, hostError('CANCELLED')), bench.host.dispose()]);
      await ended();
    });
  });

  it('starts nothing that was cancelled before', async () => {
    const signal = AbortSignal.abort();
    const running = bench.host.run(['touch', bench.path('f')], { signal });
    await assert.rejects(running, hostError('CANCELLED'));
    assert.deepEqual(fs.readdirSync(bench.folder), []);
  });
});
