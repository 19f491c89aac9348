/** Commands that go away while they migrate, and commands beside one that migrates. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { CliBench, ended, parseAs, type Ended } from './bench';
import { CancelDocument, ErrorDocument, ListDocument } from './schemas';

describe('sidestep, while it migrates', () => {
  const bench = CliBench.forEachTest();

  const trace = () => bench.path('state/traces/t.sidestep-trace');

  interface Busy {
    readonly child: ChildProcess;
    readonly ended: Promise<Ended>;
  }

  /** Resolves while RAM is being copied, which never comes to an end. */
  async function migrateBusy(...options: readonly string[]): Promise<Busy> {
    await bench.startBusy();
    const words = ['migrate', '--live', '--local', 'busy', '--mode', 'precopy', '--json'];
    const child = bench.spawn([...words, '--trace', trace(), ...options]);
    const migrated = ended(child);
    await isTraced('RAM: ');
    await bench.holdBack();
    return { child, ended: migrated };
  }

  /** Resolves once the trace has such a line. */
  async function isTraced(words: string): Promise<void> {
    const follower = bench.spawn(['trace', '--follow', trace()]);
    const followed = ended(follower);
    await new Promise<void>((resolve) => {
      follower.stdout?.on('data', (data: Buffer) => {
        if (data.toString().includes(words)) resolve();
      });
    });
    follower.kill('SIGINT');
    await followed;
  }

  async function state(): Promise<string | undefined> {
    const { domains } = await bench.document(ListDocument, ['list']);
    const { state, migration } = domains.find(({ name }) => name === 'busy') ?? assert.fail();
    assert.equal(migration?.client, state === 'migrating' ? 'gone' : undefined);
    return state;
  }

  async function cancelLeft(): Promise<void> {
    await bench.document(CancelDocument, ['cancel', 'busy']);
  }

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`is left to QEMU by ${signal}`, async () => {
      const busy = await migrateBusy();
      busy.child.kill(signal);
      const { status, stdout, stderr } = await busy.ended;
      assert.equal(status, 4, stderr);
      const { error } = parseAs(ErrorDocument, stdout);
      assert.deepEqual([error.code, error.outcome], ['LEFT_TO_QEMU', 'undecided']);
      assert.equal(await state(), 'migrating');
      await cancelLeft();
      assert.equal(await state(), 'running');
    });
  }

  it('is cancelled by SIGTERM where that was asked for', async () => {
    const busy = await migrateBusy('--on-close', 'cancel');
    busy.child.kill('SIGTERM');
    const { status, stdout, stderr } = await busy.ended;
    assert.equal(status, 1, stderr);
    const { error } = parseAs(ErrorDocument, stdout);
    assert.deepEqual([error.code, error.outcome], ['CANCELLED', 'stayed']);
    assert.equal(await state(), 'running');
  });

  it('is cancelled by the next command when it was killed, where that was asked for', async () => {
    const busy = await migrateBusy('--on-close', 'cancel');
    busy.child.kill('SIGKILL');
    await busy.ended;
    const { status, stderr } = await bench.run(['list']);
    assert.equal(status, 0);
    assert.match(stderr, /^The guest of domain "busy" had not moved/);
    assert.equal(await state(), 'running');
  });

  it('is seen by another command, live', async () => {
    const busy = await migrateBusy();
    const { domains } = await bench.document(ListDocument, ['list']);
    const migration = domains.find(({ name }) => name === 'busy')?.migration;
    assert.equal(migration?.client, 'other');
    assert.deepEqual(
      [migration.phase, migration.step, migration.mode, migration.trace],
      ['perform', 'await-completion', 'precopy', trace()],
    );
    assert.equal(migration.ram?.total !== undefined && migration.ram.total > 1024 ** 3, true);
    const { stdout } = await bench.run(['list']);
    assert.match(
      stdout,
      /^busy is migrated by another client: 3\/5 Perform \(source\) · await-completion · precopy · \d+ % of 1\.\d+ GiB/m,
    );

    const follower = bench.spawn(['trace', '--domain', 'busy', '--follow']);
    const followed = ended(follower);
    follower.stdout?.once('data', () => busy.child.kill('SIGINT'));
    assert.match((await followed).stdout, /verdict: stayed/);
    await busy.ended;
    const none = await bench.error(['trace', '--domain', 'busy'], 3);
    assert.equal(none.code, 'NOT_MIGRATING');
    assert.equal((await bench.error(['trace'], 2)).code, 'USAGE');
  });

  it('is cancelled by another command, and says so', async () => {
    const busy = await migrateBusy();
    const { outcome } = await bench.document(CancelDocument, ['cancel', 'busy']);
    assert.equal(outcome, 'stayed');
    assert.equal(await state(), 'running');
    const { status, stdout, stderr } = await busy.ended;
    assert.equal(status, 1, stderr);
    const { error } = parseAs(ErrorDocument, stdout);
    assert.deepEqual([error.code, error.outcome], ['CANCELLED_ELSEWHERE', 'stayed']);
    assert.equal((await bench.error(['cancel', 'busy'], 3)).code, 'NOT_MIGRATING');
  });

  it('is not begun again by another command', async () => {
    const busy = await migrateBusy();
    const again = ['migrate', '--live', '--local', 'busy'];
    assert.equal((await bench.error(again, 3)).code, 'DOMAIN_BUSY');
    assert.equal((await bench.error(['pause', 'busy'], 3)).code, 'DOMAIN_BUSY');
    busy.child.kill('SIGINT');
    await busy.ended;
  });

  it('takes no other wish than those two', async () => {
    const words = ['migrate', '--live', '--local', 'busy', '--on-close', 'pause'];
    const { message } = await bench.error(words, 2);
    assert.match(message, /--on-close takes one of finish, cancel, not "pause"/);
  });
});
