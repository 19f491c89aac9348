/** A client that cancels the migration of another. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { Engine } from '../../src/engine/engine';
import { InstanceMonitor } from '../../src/engine/instance-monitor';
import { cancelBeforeSwitchover } from '../../src/engine/migration/cancel';
import { untraced } from '../../src/engine/trace/trace';
import { countingHost } from '../support/counting-host';
import { qemu100 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { OtherClient } from '../support/other-client';
import { switchoverAttempts, switchoverMoments } from '../support/switchovers';
import { EngineBench, type Migrated, type Walker } from '../support/workbench';

const slow = 5 * 1024 ** 2;

describe('A migration that another client cancels', () => {
  const bench = EngineBench.forEachTest();
  let walker: Walker;
  let other: Engine;

  beforeEach(async () => {
    const monitor = `unix:${bench.path('user.sock')},server=on,wait=off`;
    walker = await bench.walker({ ram: 'memfd', arguments: ['-qmp', monitor] });
    other = await Engine.open(bench.host, bench.stateFolder);
  });

  afterEach(() => other.close());

  const user = () => ({ ...walker.first, monitor: bench.path('user.sock') });

  async function slowDown(): Promise<void> {
    await bench.qmp(user(), (client) =>
      client.execute('migrate-set-parameters', { 'max-bandwidth': slow }),
    );
  }

  /**
   * A copy that takes its time, and what another client does meanwhile.
   * @param when the step before which it is begun; by default once RAM is copied
   */
  async function migrateBeside(act: () => Promise<unknown>, when?: string): Promise<Migrated> {
    let acting: Promise<unknown> | undefined;
    const migrated = await walker.migrate({
      mode: 'precopy',
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step === 'migrate') await slowDown();
          if (step === when) acting ??= act();
        },
        onRecord: (record) => {
          if (when !== undefined || record.type !== 'ram' || record.transferred === 0) return;
          acting ??= act();
        },
      },
    });
    assert.ok(acting !== undefined);
    await acting;
    return migrated;
  }

  it('stays where it is, undone by its own client', async () => {
    const { outcome, error } = await migrateBeside(() => other.cancelMigration(walker.name));
    assert.equal(error?.code, 'CANCELLED_ELSEWHERE');
    assert.equal(outcome, 'stayed');
    await walker.checkMemory();
  });

  it('stays when QEMU was not at it yet', async () => {
    for (const step of ['examine-source', 'start-target', 'migrate']) {
      const { error } = await migrateBeside(() => other.cancelMigration(walker.name), step);
      assert.equal(error?.code, 'CANCELLED_ELSEWHERE', step);
    }
  });

  it('stays paused if it was', async () => {
    await bench.engine.pause(walker.name);
    const { error } = await migrateBeside(() => other.cancelMigration(walker.name));
    assert.equal(error?.code, 'CANCELLED_ELSEWHERE');
    await bench.engine.resume(walker.name);
    await walker.checkWhereItRuns(1);
  });

  for (const step of ['quit-source', 'take-back']) {
    it(`is finished if that comes too late, before "${step}"`, async () => {
      const { outcome } = await walker.migrate({
        emulator: qemu100,
        options: {
          beforeStep: async (_, next) => {
            if (next !== step) return;
            const tooLate = sidestepError('SWITCHED_OVER');
            await assert.rejects(other.cancelMigration(walker.name), tooLate);
          },
        },
      });
      assert.equal(outcome, 'moved');
    });
  }

  it('is finished if that comes as the source quits, which takes longer than its monitors', async () => {
    const { id, process } = walker.first;
    const { console } = bench.engine.state.instancePaths(id, walker.domain);
    const { host, calls } = countingHost(bench.host);
    const late = await Engine.open(host, bench.stateFolder);
    let refused: Promise<unknown> | undefined;
    const { outcome } = await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step !== 'quit-source') return;
          await Promise.all([rm(console), bench.host.signal(process, 'SIGSTOP')]);
          const cancel = late.cancelMigration(walker.name);
          refused = assert
            .rejects(cancel, sidestepError('SWITCHED_OVER'))
            .finally(() => bench.host.signal(process, 'SIGCONT'));
          while (!calls().includes('connect')) await new Promise(setImmediate);
        },
      },
    });
    assert.equal(outcome, 'moved');
    assert.ok(refused !== undefined);
    await refused;
    await late.close();
  });

  it('is not cancelled where the monitor for it is taken', async () => {
    const console = await other.openConsole(walker.name);
    const cancel = new AbortController();
    const { error } = await walker.migrate({
      mode: 'precopy',
      options: {
        signal: cancel.signal,
        beforeStep: async (_, step) => {
          if (step === 'migrate') await slowDown();
          if (step !== 'await-completion') return;
          const busy = sidestepError('MONITOR_BUSY');
          await assert.rejects(other.cancelMigration(walker.name), busy);
          cancel.abort();
        },
      },
    });
    assert.equal(error?.code, 'CANCELLED');
    console.dispose();
  });

  it('is undone by the other where its own client is gone', async () => {
    const client = new OtherClient(
      ...[
        'migrate',
        bench.stateFolder,
        'perform/configure-source',
        walker.name,
        'precopy',
        qemu100,
      ],
    );
    await client.says();
    await client.kill();
    await other.cancelMigration(walker.name);
    await walker.checkWhereItRuns(1);
    const none = sidestepError('NOT_MIGRATING');
    await assert.rejects(other.cancelMigration(walker.name), none);
  });
});

describe('a cancel from elsewhere within the switchover', () => {
  const bench = EngineBench.forSuite();
  let walker: Walker;
  before(async () => {
    walker = await bench.walker({ emulator: qemu100 });
  });

  for (const { mode, moment, at } of switchoverMoments) {
    it(`of ${mode}, ${moment}, never leaves the guest running twice`, async () => {
      for (let attempt = 0; attempt < switchoverAttempts; attempt++) {
        const source = await walker.instance();
        const { console } = bench.engine.state.instancePaths(source.id, walker.domain);
        const monitor = await InstanceMonitor.connect(
          bench.host,
          { id: source.id, monitor: console },
          untraced(bench.host),
        );
        let cancel: Promise<boolean> | undefined;
        const onRecord = at(source.id, () => {
          cancel = bench
            .targetOf(walker)
            .then((target) => cancelBeforeSwitchover(bench.host, monitor, target))
            // It answers too late, or has ended.
            .catch(() => false);
        });
        const { outcome, error } = await walker.migrate({ mode, options: { onRecord } });
        assert.ok(cancel !== undefined);
        const isCancelled = await cancel;
        monitor.close();
        assert.equal(outcome, isCancelled ? 'stayed' : 'moved', error?.stack);
      }
    });
  }
});
