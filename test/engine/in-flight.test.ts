/** Faults while QEMU is at it, not between two steps of ours. */
import assert from 'node:assert/strict';
import type { MigrateOptions } from '../../src/engine/migration/migrate';
import { qemu100 } from '../support/emulators';
import { switchoverAttempts, switchoverMoments } from '../support/switchovers';
import { EngineBench, type Migrated, type Walker } from '../support/workbench';

describe('while precopy is under way', () => {
  const bench = EngineBench.forEachTest();
  let walker: Walker;

  beforeEach(async () => {
    const monitor = `unix:${bench.path('user.sock')},server=on,wait=off`;
    walker = await bench.walker({ ram: 'memfd', arguments: ['-qmp', monitor] });
  });

  /** Migrates with a bandwidth that the walker outruns, and a fault once its RAM has begun to go over. */
  function migrateSlowly(fault: () => void, options: MigrateOptions = {}): Promise<Migrated> {
    let done = false;
    return walker.migrate({
      mode: 'precopy',
      emulator: qemu100,
      options: {
        ...options,
        beforeStep: async (_, step) => {
          if (step !== 'migrate') return;
          const user = { ...walker.first, monitor: bench.path('user.sock') };
          await bench.qmp(user, (client) =>
            client.execute('migrate-set-parameters', { 'max-bandwidth': 10 * 1024 ** 2 }),
          );
        },
        onRecord: (record) => {
          if (done || record.type !== 'ram' || record.transferred === 0) return;
          done = true;
          fault();
        },
      },
    });
  }

  it('a cancel leaves the guest at the source, and the target gone', async () => {
    const cancel = new AbortController();
    const { outcome, error } = await migrateSlowly(
      () => {
        cancel.abort();
      },
      { signal: cancel.signal },
    );
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'CANCELLED');
  });

  it('a timeout does the same, and says how long it was', async () => {
    const { outcome, error } = await migrateSlowly(() => undefined, { timeoutMs: 3000 });
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'TIMEOUT');
    assert.match(error.message, /longer than the 3 s/);
    assert.match(error.details.hint ?? '', /runs on at instance 1/);
  });

  it('a target that is killed leaves the guest at the source', async () => {
    const { outcome, error } = await migrateSlowly(() => {
      void bench.targetOf(walker).then((target) => bench.kill(target));
    });
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'TARGET_KILLED');
  });

  it('a source that is killed takes the guest with it, and the target goes as well', async () => {
    const { outcome, error } = await migrateSlowly(() => {
      void bench.kill(walker.first.process);
    });
    assert.equal(outcome, 'lost');
    assert.equal(error?.code, 'SOURCE_UNREACHABLE');
  });

  it('that somebody else cancels, the guest stays', async () => {
    const { outcome, error } = await migrateSlowly(() => {
      const user = { ...walker.first, monitor: bench.path('user.sock') };
      void bench.qmp(user, (client) => client.execute('migrate_cancel'));
    });
    assert.equal(outcome, 'stayed');
    // At times QEMU itself tells it as a failure.
    assert.match(error?.code ?? '', /^(CANCELLED_ELSEWHERE|CHANNEL_CUT)$/);
  });

  it('a migration that was cut short does not keep the next one from its way', async () => {
    const { outcome } = await migrateSlowly(() => undefined, { timeoutMs: 3000 });
    assert.equal(outcome, 'stayed');
    const { error } = await walker.migrate({ mode: 'precopy', emulator: qemu100 });
    assert.equal(error, undefined);
    await walker.checkMemory();
  });
});

/**
 * A cancel that reaches QEMU within the switchover has it resume the source, and the target as well,
 * if it has been sent everything.
 */
describe('a cancel within the switchover', () => {
  const bench = EngineBench.forSuite();
  let walker: Walker;
  before(async () => {
    walker = await bench.walker({ emulator: qemu100 });
  });

  for (const { mode, moment, at } of switchoverMoments) {
    it(`of ${mode}, ${moment}, never leaves the guest running twice`, async () => {
      for (let attempt = 0; attempt < switchoverAttempts; attempt++) {
        const source = await walker.instance();
        const cancel = new AbortController();
        const onRecord = at(source.id, () => {
          cancel.abort();
        });
        const options = { signal: cancel.signal, onRecord };
        const { outcome, error } = await walker.migrate({ mode, options });
        if (outcome === 'moved') continue;
        assert.equal(outcome, 'stayed');
        assert.equal(error?.code, 'CANCELLED');
      }
    });
  }
});

describe('a timeout', () => {
  const bench = EngineBench.forSuite();
  let walker: Walker;
  before(async () => {
    walker = await bench.walker({ emulator: qemu100 });
  });

  for (const timeoutMs of [0, 1, 5, 20, 60]) {
    for (const mode of ['precopy', 'ignore-shared', 'cpr-transfer'] as const) {
      it(`of ${timeoutMs} ms leaves the guest running in one place in ${mode}`, async () => {
        const { outcome, error } = await walker.migrate({ mode, options: { timeoutMs } });
        if (outcome === 'moved') return;
        assert.match(outcome, /^(stayed|refused)$/);
        assert.equal(error?.code, 'TIMEOUT');
      });
    }
  }
});

describe('a target that stands still', () => {
  const bench = EngineBench.forEachTest();

  for (const [mode, step] of [
    ['precopy', 'migrate'],
    ['ignore-shared', 'migrate'],
    ['precopy', 'await-completion'],
    ['ignore-shared', 'await-target'],
    ['cpr-transfer', 'open-channel'],
  ] as const) {
    it(`for a second before ${step} only delays ${mode}`, async () => {
      const walker = await bench.walker({ emulator: qemu100 });
      const { error } = await walker.migrate({
        mode,
        // The guest may stand still with it.
        switchoverMs: 3000,
        options: {
          beforeStep: async (_, name) => {
            if (name !== step) return;
            const target = await bench.targetOf(walker);
            process.kill(target.pid, 'SIGSTOP');
            setTimeout(() => {
              process.kill(target.pid, 'SIGCONT');
            }, 1000);
          },
        },
      });
      assert.equal(error, undefined);
      await walker.checkMemory();
    });
  }
});
