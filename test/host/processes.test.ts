import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import type { Host } from '../../src/host/host';
import type { ProcessIdentity } from '../../src/host/process';
import { eventually } from '../support/eventually';
import { describeOnEachHost, hostError } from './workbench';

describeOnEachHost('a process started', (bench) => {
  it('is identified by pid, start time and the arguments it was given', async () => {
    const argv = ['sleep', '60'];
    const before = bench.host.now();
    const identity = await bench.start(...argv);
    const [facts] = await bench.host.inspect([identity.pid]);
    assert.ok(facts);
    const { cwd, exe, uid, startedAt, state, ...same } = facts;
    assert.deepEqual(same, { ...identity, argv });
    assert.equal(cwd, bench.cwd);
    assert.equal(exe, fs.realpathSync('/bin/sleep'));
    assert.equal(uid, process.geteuid?.());
    assert.match(state, /^[RSD]$/);
    // The kernel tells its boot time in whole seconds.
    assert.ok(Math.abs(startedAt - before) < 2e6, `${startedAt} is not near ${before}`);
  });

  it('has a session of its own, no input, and its output in a private file', async () => {
    fs.writeFileSync(bench.path('output'), 'before\n', { mode: 0o600 });
    const script = 'ps -o sid= -p $$; cat; echo err >&2; echo "$ADDED"; pwd';
    const identity = await bench.host.start({
      argv: ['sh', '-c', script],
      outputPath: bench.path('output'),
      cwd: bench.folder,
      env: { ADDED: 'yes' },
    });
    await bench.host.waitForExit(identity);
    const [, session, ...rest] = fs.readFileSync(bench.path('output'), 'utf8').split('\n');
    assert.equal(Number(session), identity.pid);
    assert.deepEqual(rest, ['err', 'yes', bench.folder, '']);
    await bench.host.start({ argv: ['true'], outputPath: bench.path('made') });
    assert.equal(fs.statSync(bench.path('made')).mode & 0o777, 0o600);
  });

  it('gets its arguments as they are', async () => {
    const args = ['', 'a b', '$(id)', 'line\nbreak', 'ü💻', '"\''];
    const identity = await bench.start('sh', '-c', 'sleep 60; true', ...args);
    assert.deepEqual(identity.argv, ['sh', '-c', 'sleep 60; true', ...args]);
  });

  it('is identified even if it ends at once', async () => {
    for (let i = 0; i < 20; i++) {
      const identity = await bench.start('true');
      assert.ok(identity.startTime > 0);
      await bench.host.waitForExit(identity);
    }
  });

  it('comes after what is to be done first, and not at all if that fails', async () => {
    const folder = bench.path('own');
    const start = () =>
      bench.host.start({
        first: [
          { op: 'mkdir', path: folder, exclusive: true },
          { op: 'write', path: `${folder}/input`, data: 'for it' },
        ],
        argv: ['cat', `${folder}/input`],
        outputPath: `${folder}/output`,
      });
    await bench.host.waitForExit(await start());
    assert.equal(fs.readFileSync(`${folder}/output`, 'utf8'), 'for it');
    await assert.rejects(start(), hostError('EXISTS', folder));
    assert.equal(fs.readFileSync(`${folder}/output`, 'utf8'), 'for it');
  });

  it('is refused with a reason', async () => {
    const outputPath = bench.path('output');
    const start = (argv: string[], output = outputPath) =>
      bench.host.start({ argv, outputPath: output });
    await assert.rejects(start([bench.path('no')]), hostError('NO_SUCH_FILE', bench.path('no')));
    fs.writeFileSync(bench.path('plain'), '#!/bin/sh\n', { mode: 0o644 });
    await assert.rejects(start([bench.path('plain')]), hostError('PERMISSION_DENIED'));
    const nowhere = bench.path('a', 'output');
    await assert.rejects(start(['true'], nowhere), hostError('NO_SUCH_FILE', nowhere));
  });
});

describeOnEachHost('inspecting processes', (bench) => {
  it('tells each of those asked for, and none for those that do not live', async () => {
    const one = await bench.start('sleep', '60');
    const ended = await bench.start('true');
    await bench.host.waitForExit(ended);
    const found = await bench.host.inspect([ended.pid, one.pid, 0, -1, 2 ** 22 + 1]);
    const alive = found.map((facts) => facts?.pid);
    assert.deepEqual(alive, [undefined, one.pid, undefined, undefined, undefined]);
  });

  it('takes a zombie for ended', async () => {
    // The shell becomes a program that never reaps the child it inherits.
    const parent = await bench.start('sh', '-c', 'sleep 0 & echo $!; exec sleep 60');
    const child = () => Number(fs.readFileSync(bench.path('output'), 'utf8'));
    const stateOf = (pid: number) =>
      / \(sleep\) (.)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
    await eventually(() => child() > 0 && stateOf(child())?.[1] === 'Z');
    const [zombie, living] = await bench.host.inspect([child(), parent.pid]);
    assert.equal(zombie, undefined);
    assert.equal(living?.pid, parent.pid);
  });

  it('tells a stopped process by its state', async () => {
    const identity = await bench.start('sleep', '60');
    assert.equal(await bench.host.signal(identity, 'SIGSTOP'), true);
    await eventually(async () => (await bench.host.inspect([identity.pid]))[0]?.state === 'T');
    assert.equal(await bench.host.signal(identity, 'SIGCONT'), true);
    await eventually(async () => (await bench.host.inspect([identity.pid]))[0]?.state !== 'T');
  });
});

describeOnEachHost('signalling a process', (bench) => {
  /** A host that has not started the process, such as that of the next run of the program. */
  let stranger: Host;
  before(async () => {
    stranger = await bench.openAnother();
  });
  after(() => stranger.dispose());

  const survives = async ({ pid, startTime }: ProcessIdentity) => {
    const [facts] = await bench.host.inspect([pid]);
    return facts?.startTime === startTime;
  };

  for (const [whose, host] of [
    ['our own', () => bench.host],
    ["a stranger's", () => stranger],
  ] as const) {
    it(`reaches ${whose} process`, async () => {
      const identity = await bench.start('sleep', '60');
      assert.equal(await host().signal(identity, 'SIGTERM'), true);
      await host().waitForExit(identity);
      assert.equal(await host().signal(identity, 'SIGTERM'), false);
    });

    it(`leaves a process alone that has come by the pid of ${whose}`, async () => {
      const identity = await bench.start('sleep', '60');
      const earlier = { ...identity, startTime: identity.startTime - 1 };
      assert.equal(await host().signal(earlier, 'SIGKILL'), false);
      assert.equal(await survives(identity), true);
      await host().waitForExit(earlier);
    });
  }

  it('leaves a process alone whose command line is another', async () => {
    const identity = await bench.start('sleep', '60');
    for (const argv of [['sleep', '61'], ['sleep'], ['sleep', '60', ''], []]) {
      assert.equal(await stranger.signal({ ...identity, argv }, 'SIGKILL'), false);
    }
    assert.equal(await survives(identity), true);
  });

  it('never means a process group, nor everyone', async () => {
    for (const pid of [0, -1, -process.pid, Number.NaN]) {
      const nobody = { pid, startTime: 0, argv: [] };
      assert.equal(await stranger.signal(nobody, 'SIGKILL'), false);
    }
  });

  it('reaches a program behind the wrapper script that we started', async () => {
    const [wrapper, gate] = [bench.path('wrapper'), bench.path('gate')];
    await bench.host.run(['mkfifo', gate]);
    const script = `#!/bin/sh\nread go < '${gate}'\nexec sleep "$@"\n`;
    fs.writeFileSync(wrapper, script, { mode: 0o755 });
    const identity = await bench.start(wrapper, '60');
    assert.deepEqual(identity.argv, ['/bin/sh', wrapper, '60']);
    await bench.host.files([{ op: 'append', path: gate, data: 'go\n' }]);
    const argvNow = async () => (await bench.host.inspect([identity.pid]))[0]?.argv ?? [];
    await eventually(async () => (await argvNow())[0] === 'sleep');
    assert.equal(await stranger.signal(identity, 'SIGTERM'), false, 'not what was recorded');
    assert.equal(await bench.host.signal(identity, 'SIGTERM'), true, 'but our own child');
    await bench.host.waitForExit(identity);
  });
});

describeOnEachHost("waiting for a process's end", (bench) => {
  it('ends with our own child', async () => {
    const identity = await bench.start('sleep', '0.1');
    await bench.host.waitForExit(identity);
    assert.deepEqual(await bench.host.inspect([identity.pid]), [undefined]);
    await bench.host.waitForExit(identity);
  });

  it('tells how our own child ended, also afterwards', async () => {
    const ends = async (script: string) => {
      const identity = await bench.start('sh', '-c', script);
      const exit = await bench.host.waitForExit(identity);
      assert.deepEqual(await bench.host.waitForExit(identity), exit);
      return exit;
    };
    assert.deepEqual(await ends('exit 3'), { status: 3, killedBy: undefined });
    assert.deepEqual(await ends('kill -SEGV $$'), { status: undefined, killedBy: 'SIGSEGV' });
  });

  it('ends with a process that is not ours', async () => {
    const child = spawn('sleep', ['60']);
    const [facts] = await bench.host.inspect([child.pid ?? 0]);
    assert.ok(facts);
    let ended = false;
    const waiting = bench.host.waitForExit(facts).then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(ended, false);
    assert.equal(await bench.host.signal(facts, 'SIGKILL'), true);
    await waiting;
    assert.equal(await bench.host.waitForExit(facts), undefined, 'how is not ours to know');
  });

  it('is cancelled by its signal, and by the disposal of the host', async () => {
    const own = await bench.start('sleep', '60');
    const [other] = await bench.host.inspect([process.pid]);
    assert.ok(other);
    for (const identity of [own, other]) {
      const cancel = new AbortController();
      const waiting = bench.host.waitForExit(identity, cancel.signal);
      cancel.abort();
      await assert.rejects(waiting, hostError('CANCELLED'));
      const already = bench.host.waitForExit(identity, AbortSignal.abort());
      await assert.rejects(already, hostError('CANCELLED'));
    }
    const waits = [own, other].map((identity) => bench.host.waitForExit(identity));
    const rejected = waits.map((wait) => assert.rejects(wait, hostError('CANCELLED')));
    await bench.host.dispose();
    await Promise.all(rejected);
  });
});
