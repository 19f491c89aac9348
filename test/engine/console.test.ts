import assert from 'node:assert/strict';
import type { QmpEvent } from '../../src/qemu/qmp/client';
import { QmpError } from '../../src/qemu/qmp/errors';
import type { ConsoleSession } from '../../src/engine/console';
import { qemu100, qemu72 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { EngineBench } from '../support/workbench';

describe('A console', () => {
  const bench = EngineBench.forEachTest();

  for (const [version, emulator] of [
    ['7.2', qemu72],
    ['10.0', qemu100],
  ] as const) {
    it(`talks with QEMU ${version}, and hears its events`, async () => {
      const walker = await bench.walker({ emulator });
      const console = await bench.engine.openConsole(walker.name);
      assert.ok(console.greeting.version.startsWith(version));
      const events: string[] = [];
      const resumed = new Promise<void>((resolve) => {
        console.onEvent(({ name }: QmpEvent) => {
          events.push(name);
          if (name === 'RESUME') resolve();
        });
      });
      assert.deepEqual(await console.execute('stop'), {});
      // The engine's own monitor is free all the while.
      await bench.engine.resume(walker.name);
      await resumed;
      assert.deepEqual(events, ['STOP', 'RESUME']);
      assert.ok((await console.schema()).commands.has('stop'));
      await assert.rejects(console.execute('nonsense'), (error) => {
        assert.ok(error instanceof QmpError);
        assert.equal(error.errorClass, 'CommandNotFound');
        return true;
      });
      console.dispose();
    });
  }

  it('is one client’s at a time, and free again after it', async () => {
    const walker = await bench.walker();
    const first = await bench.engine.openConsole(walker.name);
    await assert.rejects(
      bench.engine.openConsole(walker.name),
      sidestepError('MONITOR_BUSY', /console of instance 1 of domain "walker-1"/),
    );
    first.dispose();
    const second = await bench.engine.openConsole(walker.name, 1);
    second.dispose();
    await assert.rejects(
      bench.engine.openConsole(walker.name, 2),
      sidestepError('NOT_RUNNING', /no instance 2/),
    );
  });

  it('stays open during a migration, on both sides, and is recorded in its trace as the user’s', async () => {
    const walker = await bench.walker();
    const source = await bench.engine.openConsole(walker.name);
    let target: ConsoleSession | undefined;
    const { report, error } = await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step !== 'migrate') return;
          await source.execute('query-name');
          await source.schema();
          target = await bench.engine.openConsole(walker.name, 2);
          await target
            .execute('set_password', { protocol: 'vnc', password: 'secret' })
            .catch(() => undefined);
        },
      },
    });
    assert.equal(error, undefined);
    assert.ok(report !== undefined && target !== undefined);
    const reason = await source.closed;
    assert.ok(reason instanceof QmpError && reason.code === 'CLOSED');
    // After the migration nothing is recorded any more.
    await target.execute('query-uuid');
    target.dispose();
    const records = await bench.readTrace(report.tracePath);
    assert.equal(records.at(-1)?.type, 'verdict');
    const users = records.flatMap((record) =>
      record.type === 'qmp' && record.origin === 'user' ? record : [],
    );
    assert.deepEqual(
      users.map(({ instance, kind, name }) => [instance, kind, name]),
      [
        [1, 'command', 'query-name'],
        [1, 'reply', 'query-name'],
        [2, 'command', 'set_password'],
        [2, 'error', 'set_password'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(records), /secret/);
  });

  it('of an adopted QEMU takes a monitor that Sidestep does not use', async () => {
    const [first, second] = [bench.path('first.sock'), bench.path('second.sock')];
    const monitors = (paths: readonly string[]) =>
      paths.flatMap((path) => ['-qmp', `unix:${path},server=on,wait=off`]);
    const adopt = async (name: string, paths: readonly string[]) => {
      const machine = ['-machine', 'q35', '-nodefaults', '-display', 'none', '-S'];
      const qemu = await bench.start([qemu72, ...machine, ...monitors(paths)]);
      for (const path of paths) {
        (await bench.host.connect({ unix: path }, { waitFor: qemu })).destroy();
      }
      await bench.engine.adopt({ pid: qemu.pid, name });
    };
    await adopt('two', [first, second]);
    const console = await bench.engine.openConsole('two');
    assert.equal(console.path, second);
    console.dispose();
    await adopt('one', [bench.path('only.sock')]);
    await assert.rejects(bench.engine.openConsole('one'), sidestepError('NO_CONSOLE', /adopted/));
  });
});
