import assert from 'node:assert/strict';
import { qemu100, qemu72 } from '../support/emulators';
import { EngineBench } from '../support/workbench';

const emulators = { '7.2': qemu72, '10.0': qemu100 };

describe('a migration on real QEMU', () => {
  const bench = EngineBench.forEachTest();

  for (const [mode, from, to, machine] of [
    ['precopy', '7.2', '7.2', 'q35'],
    ['precopy', '7.2', '10.0', 'q35'],
    ['precopy', '7.2', '10.0', 'pc'],
    ['precopy', '10.0', '10.0', 'q35'],
    // Back again, with a machine type that both know.
    ['precopy', '10.0', '7.2', 'pc-q35-7.2'],
    ['ignore-shared', '7.2', '7.2', 'q35'],
    ['ignore-shared', '7.2', '10.0', 'q35'],
    ['ignore-shared', '10.0', '10.0', 'q35'],
    ['ignore-shared', '10.0', '7.2', 'pc-q35-7.2'],
    ['cpr-transfer', '10.0', '10.0', 'q35'],
    ['postcopy', '7.2', '7.2', 'q35'],
    ['postcopy', '7.2', '10.0', 'q35'],
    ['postcopy', '10.0', '10.0', 'q35'],
  ] as const) {
    it(`${mode} takes the guest from ${from} to ${to} (${machine}), with all of its RAM`, async () => {
      const walker = await bench.walker({ emulator: emulators[from], machine });
      const { report, error, records } = await walker.migrate({ mode, emulator: emulators[to] });
      assert.equal(error, undefined);
      assert.ok(report !== undefined);
      await walker.checkMemory();

      assert.equal(report.source.id, walker.first.id);
      assert.ok(report.target.id > report.source.id);
      assert.match(report.source.version, new RegExp(`^${from}`));
      assert.match(report.target.version, new RegExp(`^${to}`));
      assert.deepEqual(
        report.summary.phases.map(({ name }) => name),
        ['begin', 'prepare', 'perform', 'finish', 'confirm'],
      );
      const last = records.at(-1);
      assert.deepEqual({ ...last, at: 0 }, { type: 'verdict', outcome: 'moved', at: 0 });
      const { downtimeUs = Infinity, totalUs = 0 } = report.summary;
      assert.ok(downtimeUs > 0 && downtimeUs < totalUs);
      assert.deepEqual(await bench.readTrace(report.tracePath), records);
    });
  }

  it('slows down a guest that writes too much, if its owner has allowed that', async () => {
    const walker = await bench.walker({ emulator: qemu72 });
    const capability = { capability: 'auto-converge', state: true };
    await bench.qmp(walker.first, async (client) =>
      client.execute('migrate-set-capabilities', { capabilities: [capability] }),
    );
    const { outcome } = await walker.migrate({
      mode: 'precopy',
      emulator: qemu100,
      options: {
        async beforeStep(_, step) {
          if (step !== 'migrate') return;
          const { console } = bench.engine.state.instancePaths(walker.first.id, {});
          const on = await bench.qmp({ ...walker.first, monitor: console }, async (client) =>
            client.execute('query-migrate-capabilities'),
          );
          assert.ok(Array.isArray(on));
          assert.deepEqual(
            on.find((each: { capability: string }) => each.capability === 'auto-converge'),
            capability,
          );
        },
      },
    });
    assert.equal(outcome, 'moved');
  });

  it('takes a guest on and on, there and back', async () => {
    const walker = await bench.walker({ machine: 'pc-q35-7.2' });
    for (const emulator of [qemu100, qemu100, qemu72, qemu72]) {
      const { error } = await walker.migrate({ emulator });
      assert.equal(error, undefined);
    }
    await walker.checkMemory();
  });

  for (const [mode, from, ram] of [
    ['precopy', qemu72, 'memfd'],
    ['ignore-shared', qemu72, 'file'],
    ['cpr-transfer', qemu100, 'memfd'],
  ] as const) {
    it(`a paused guest stays paused through ${mode}, and goes on when it is told to`, async () => {
      const walker = await bench.walker({ emulator: from, ram });
      await bench.qmp(walker.first, (client) => client.execute('stop'));
      const before = await walker.output();
      const { outcome, report } = await walker.migrate({ mode, emulator: qemu100 });
      assert.equal(outcome, 'moved');
      assert.equal(report?.summary.downtimeUs, undefined);
      assert.equal(await walker.output(), before);
      const target = await walker.instance();
      await bench.qmp(target, async (client) => {
        assert.deepEqual(
          { ...Object(await client.execute('query-status')) },
          { ...Object(await client.execute('query-status')), running: false, status: 'paused' },
        );
        await client.execute('cont');
      });
      await walker.checkWhereItRuns();
      await walker.checkMemory();
    });
  }

  for (const [ram, from, to, mode, reasons] of [
    ['file', qemu72, qemu100, 'ignore-shared', {}],
    ['file', qemu100, qemu100, 'ignore-shared', {}],
    [
      'memfd',
      qemu100,
      qemu100,
      'cpr-transfer',
      { 'ignore-shared': /memory-backend-memfd, which only its own process can name/ },
    ],
    [
      'memfd',
      qemu72,
      qemu100,
      'precopy',
      {
        'ignore-shared': /memory-backend-memfd/,
        'cpr-transfer': /7\.2.*does not have cpr-transfer/,
      },
    ],
    [
      'as-is',
      qemu100,
      qemu100,
      'precopy',
      { 'ignore-shared': /anonymous memory/, 'cpr-transfer': /without -machine aux-ram-share=on/ },
    ],
  ] as const) {
    const name = `${from === qemu72 ? '7.2' : '10.0'} with RAM ${ram}`;
    it(`auto takes ${mode} from ${name}, and says why no faster one`, async () => {
      const walker = await bench.walker({ emulator: from, ram });
      const { fasterModes } = await bench.engine.plan({
        domain: walker.name,
        emulator: to,
        mode: 'auto',
      });
      assert.deepEqual(
        fasterModes.map((faster) => faster.mode),
        Object.keys(reasons),
      );
      for (const { mode: faster, reason } of fasterModes) {
        const expected = Object.entries(reasons).find(([key]) => key === faster)?.[1];
        assert.match(reason, expected ?? /^$/);
      }
      const { outcome, records } = await walker.migrate({ emulator: to });
      assert.equal(outcome, 'moved');
      const plan = records.find((record) => record.type === 'plan');
      assert.equal(plan?.mode, mode);
    });
  }

  it('a mode that is not possible is refused, with its reason, and nothing is started', async () => {
    const walker = await bench.walker({ emulator: qemu72, ram: 'memfd' });
    for (const mode of ['ignore-shared', 'cpr-transfer'] as const) {
      const { outcome, error, records } = await walker.migrate({ mode, emulator: qemu100 });
      assert.equal(outcome, 'refused');
      assert.equal(error?.code, 'REFUSED');
      assert.deepEqual(
        error.details.findings?.map(({ code }) => code),
        ['MODE_NOT_POSSIBLE'],
      );
      assert.equal(
        records.some(({ type }) => type === 'process'),
        false,
      );
    }
  });
});
