import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { ProcessIdentity } from '../../src/host/process';
import { describeOnEachHost, hostError, localKind, Workbench } from './workbench';

const Report = v.object({
  locked: v.boolean(),
  started: v.object({ pid: v.number(), startTime: v.number(), argv: v.array(v.string()) }),
});

describeOnEachHost('a lock', (bench) => {
  it('has one holder at a time', async () => {
    const path = bench.path('lock "of" a;b');
    const lock = await bench.host.lock(path);
    assert.ok(lock);
    assert.equal(await bench.host.lock(path), undefined);
    assert.ok(await bench.host.lock(bench.path('another')));
    await lock.release();
    await lock.release();
    const next = await bench.host.lock(path);
    assert.ok(next);
    await lock.release();
    assert.equal(await bench.host.lock(path), undefined, 'an old holder takes nothing away');
  });

  it('goes to exactly one of many that ask at once', async () => {
    const asked = Array.from({ length: 5 }, () => bench.host.lock(bench.path('lock')));
    const taken = (await Promise.all(asked)).filter((lock) => lock !== undefined);
    assert.equal(taken.length, 1);
  });

  it('is a private file that stays, and that flock(1) understands', async () => {
    const path = bench.path('lock');
    const flock = ['flock', '--nonblock', path, 'true'];
    const lock = await bench.host.lock(path);
    assert.equal(fs.statSync(path).mode & 0o777, 0o600);
    assert.equal((await bench.host.run(flock)).status, 1);
    await lock?.release();
    assert.equal((await bench.host.run(flock)).status, 0);
    assert.equal(fs.existsSync(path), true);
  });

  it('is not passed on to the processes its holder starts', async () => {
    const path = bench.path('lock');
    const lock = await bench.host.lock(path);
    await bench.start('sleep', '60');
    await lock?.release();
    assert.ok(await bench.host.lock(path));
  });

  it('is released with the host', async () => {
    await bench.host.lock(bench.path('lock'));
    await bench.host.dispose();
    const another = await bench.openAnother();
    assert.ok(await another.lock(bench.path('lock')));
    await another.dispose();
  });

  it('tells why it cannot be', async () => {
    const path = bench.path('missing', 'lock');
    await assert.rejects(bench.host.lock(path), hostError('NO_SUCH_FILE', path));
  });
});

describe('when a client of the local host', () => {
  const bench = Workbench.forEachTest(localKind);
  let client: ChildProcess | undefined;
  afterEach(() => client?.kill('SIGKILL'));

  /** Another node process, which holds a lock and has started a process. */
  async function startClient(...stay: string[]): Promise<{
    exited: Promise<unknown>;
    started: ProcessIdentity;
  }> {
    const program = fileURLToPath(new URL('client.ts', import.meta.url));
    const args = ['--import', 'tsx', program, bench.path('lock'), bench.path('output'), ...stay];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    client = child;
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { locked, started } = v.parse(Report, JSON.parse(line.toString()));
    assert.equal(locked, true);
    return { exited, started: bench.mustEnd(started) };
  }

  /** The process that the client started can be found, and is ours to signal, as was recorded. */
  async function assertLivesOn(started: ProcessIdentity): Promise<void> {
    const [facts] = await bench.host.inspect([started.pid]);
    assert.equal(facts?.startTime, started.startTime);
    assert.equal(await bench.host.signal(started, 'SIGTERM'), true);
    await bench.host.waitForExit(started);
  }

  it('is killed by SIGKILL, its lock goes and the process it started lives on', async () => {
    const { exited, started } = await startClient('stay');
    assert.equal(await bench.host.lock(bench.path('lock')), undefined);
    client?.kill('SIGKILL');
    await exited;
    assert.ok(await bench.host.lock(bench.path('lock')));
    await assertLivesOn(started);
  });

  it('has nothing more to do, it ends, though the process it started lives on', async () => {
    const { exited, started } = await startClient();
    assert.deepEqual(await exited, [0, null]);
    assert.ok(await bench.host.lock(bench.path('lock')));
    await assertLivesOn(started);
  });
});

describeOnEachHost('what is known at once', (bench) => {
  it('is its user and its folder for shared memory', () => {
    assert.equal(bench.host.facts.uid, process.getuid?.());
    assert.equal(bench.host.facts.sharedMemoryDir, '/dev/shm');
  });
});
