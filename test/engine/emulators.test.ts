/** Emulators that cannot take the guest: each is refused before anything is started, or ends well. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Engine } from '../../src/engine/engine';
import type { Host } from '../../src/host/host';
import { qemu100, qemu72 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { EngineBench, type Migrated, type Walker } from '../support/workbench';
import { writeFailingEmulator, writeMismatchedEmulator } from '../support/wrapper';

describe('an emulator that cannot take the guest', () => {
  const bench = EngineBench.forSuite();
  let walker: Walker;
  before(async () => {
    // RAM as the command line has it, so that no backend tells its size.
    walker = await bench.walker({ ram: 'as-is', arguments: ['-device', 'virtio-rng-pci'] });
  });
  afterEach(async () => {
    const instance = await walker.instance();
    assert.equal(instance.id, walker.first.id, 'the guest is where it was');
  });

  function assertNothingStarted({ records }: Migrated): void {
    assert.deepEqual(
      records.filter(({ type }) => type === 'process' || type === 'table'),
      [],
    );
  }

  for (const [emulator, code] of [
    ['/no/such/qemu', 'EMULATOR_MISSING'],
    ['no-such-qemu', 'EMULATOR_MISSING'],
    ['/tmp', 'EMULATOR_MISSING'],
    ['/bin/true', 'EMULATOR_FAILS'],
    ['/bin/false', 'EMULATOR_FAILS'],
    ['/bin/cat', 'EMULATOR_FAILS'],
    ['/etc/passwd', 'EMULATOR_NOT_EXECUTABLE'],
  ] as const) {
    it(`${emulator} is refused: ${code}`, async () => {
      const migrated = await walker.migrate({ emulator });
      assert.equal(migrated.outcome, 'refused');
      assert.equal(migrated.error?.code, code);
      assert.ok(migrated.error.message.includes(emulator), migrated.error.message);
      assertNothingStarted(migrated);
    });
  }

  it('is refused before the source is connected, and its monitor is free afterwards', async () => {
    const attempts: Promise<unknown>[] = [];
    const late = new Proxy<Host>(bench.host, {
      get(host, name) {
        const member: unknown = Reflect.get(host, name);
        if (typeof member !== 'function') return member;
        const call = (args: unknown[]): unknown => Reflect.apply(member, host, args);
        if (name !== 'connect') return (...args: unknown[]) => call(args);
        return (...args: unknown[]) => {
          attempts.push(delay(500).then(() => call(args)));
          return attempts.at(-1);
        };
      },
    });
    const engine = await Engine.open(late, bench.stateFolder);
    const request = { domain: walker.uuid, emulator: '/bin/true', mode: 'auto' } as const;
    await assert.rejects(engine.migrate(request), sidestepError('EMULATOR_FAILS'));
    assert.equal((await Promise.allSettled(attempts)).length, 1);
    await walker.checkWhereItRuns();
    await engine.close();
  });

  it('one that can be executed no longer is refused', async () => {
    const path = bench.path('half-downloaded');
    await writeFile(path, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), { mode: 0o755 });
    const migrated = await walker.migrate({ emulator: path });
    assert.equal(migrated.outcome, 'refused');
    assert.equal(migrated.error?.code, 'EMULATOR_FAILS');
    assertNothingStarted(migrated);
  });

  it('one that ends at its start is told with its own last words', async () => {
    const path = bench.path('failing-qemu');
    await writeFailingEmulator(path, qemu100, 'qemu: no such luck');
    const { outcome, error, records } = await walker.migrate({ emulator: path });
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'TARGET_FAILED');
    assert.match(error.message, / ended before .* It said: qemu: no such luck\.$/);
    assert.equal(error.details.output, 'qemu: no such luck');
    assert.match(error.details.hint ?? '', /The guest runs on at instance 1/);
    const printed = records.flatMap((record) => (record.type === 'output' ? record.text : []));
    assert.equal(printed.join(''), 'qemu: no such luck\n');
  });

  for (const [version, emulator] of [
    ['7.2', qemu72],
    ['10.0', qemu100],
  ] as const) {
    for (const [what, from, to, code] of [
      ['another size of RAM', '64', '96', 'RAM_SIZE_DIFFERS'],
      ['another device', 'virtio-rng-pci', 'virtio-balloon-pci', 'STATE_UNKNOWN'],
    ] as const) {
      it(`${version} with ${what} does not take the guest, and says why`, async () => {
        const path = bench.path(`mismatched-${version}-${to}`);
        await writeMismatchedEmulator(path, emulator, { from, to });
        const { outcome, error } = await walker.migrate({ emulator: path, mode: 'precopy' });
        assert.equal(outcome, 'stayed');
        assert.equal(error?.code, code);
        assert.match(error.details.output ?? '', /load of migration failed/);
        assert.match(error.details.hint ?? '', /runs on at instance 1/);
      });
    }
  }

  it('one that became another after it was asked is found out', async () => {
    const path = bench.path('changing-qemu');
    await writeFile(path, `#!/bin/sh\nexec '${qemu72}' "$@"\n`, { mode: 0o755 });
    await bench.engine.emulators.describe([path]);
    const changed = `#!/bin/sh\nfor a; do [ "$a" = -incoming ] && exec '${qemu100}' "$@"; done\n`;
    await writeFile(path, `${changed}exec '${qemu72}' "$@"\n`, { mode: 0o755 });
    const { outcome, error } = await walker.migrate({ emulator: path, mode: 'precopy' });
    assert.equal(outcome, 'stayed');
    assert.equal(error?.code, 'EMULATOR_CHANGED');
  });
});

describe('a machine type that the target does not know', () => {
  const bench = EngineBench.forEachTest();

  it('is refused by name, and nothing is started', async () => {
    const walker = await bench.walker({ emulator: qemu100, machine: 'q35' });
    const { outcome, error, records } = await walker.migrate({ emulator: qemu72 });
    assert.equal(outcome, 'refused');
    assert.equal(error?.code, 'REFUSED');
    assert.match(error.message, /pc-q35-10\.0/);
    assert.equal(
      records.some(({ type }) => type === 'process'),
      false,
    );
  });
});

describe('a start', () => {
  const bench = EngineBench.forEachTest();

  for (const [what, args, words] of [
    ['of a machine that QEMU does not know', ['-machine', 'no-such'], /unsupported machine type/],
    ['with a disk that is not there', ['-drive', 'file=/no/such.img'], /\/no\/such\.img/],
    ['with an option that QEMU does not know', ['-no-such-option'], /no-such-option/],
  ] as const) {
    it(`${what} fails with QEMU's own words, and leaves nothing`, async () => {
      const domain = { name: 'd', emulator: qemu72, cwd: bench.folder };
      await assert.rejects(
        bench.engine.start({ ...domain, arguments: ['-display', 'none', ...args] }),
        (error: Error) => {
          assert.equal(Object.assign({ code: '' }, error).code, 'START_FAILED');
          assert.match(error.message, words);
          return true;
        },
      );
      assert.deepEqual((await bench.engine.overview()).domains, []);
    });
  }
});
