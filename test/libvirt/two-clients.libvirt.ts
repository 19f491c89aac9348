/** Clients that go away, or that another one cancels, in either half of a live upgrade. */
import assert from 'node:assert/strict';
import { Engine } from '../../src/engine/engine';
import type { MigrateOptions } from '../../src/engine/migration/migrate';
import type { LibvirtDomain } from './support/domain';
import { qemu72, room } from './support/room';
import { Upgrades, type Untouched, type Went } from './support/upgrades';

const slow = 5 * 1024 ** 2;
const fast = 1024 ** 4;

interface Half {
  readonly name: string;
  begin(): Promise<LibvirtDomain>;
  /** Of the QEMU that has the guest, in bytes a second. */
  setBandwidth(domain: LibvirtDomain, bandwidth: number): Promise<void>;
  migrate(domain: LibvirtDomain, options: MigrateOptions): Promise<Went<unknown>>;
  hasMoved(domain: LibvirtDomain): Promise<void>;
  hasStayed(domain: LibvirtDomain): Promise<void>;
}

describe(`two clients: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  let other: Engine;

  beforeEach(async () => {
    other = await Engine.open(upgrades.bench.host, upgrades.stateFolder);
  });
  afterEach(() => other.close());

  for (const half of [fromLibvirt(upgrades), backToLibvirt(upgrades)]) {
    describe(`${half.name}, while RAM is copied`, () => {
      /** A copy that takes its time, and what is done once it is under way. */
      async function migrateSlowly(
        domain: LibvirtDomain,
        act: () => Promise<unknown>,
        options: MigrateOptions = {},
      ): Promise<Went<unknown>> {
        let acting: Promise<unknown> | undefined;
        const went = await half.migrate(domain, {
          ...options,
          beforeStep: async (_, step) => {
            if (step === 'migrate') await half.setBandwidth(domain, slow);
          },
          onRecord: (record) => {
            if (record.type === 'ram' && record.transferred > 0) acting ??= act();
          },
        });
        assert.ok(acting !== undefined, 'RAM was copied too soon');
        await acting;
        return went;
      }

      it('another client cancels it', async () => {
        const domain = await half.begin();
        const { outcome, error } = await migrateSlowly(domain, () =>
          other.cancelMigration(domain.name),
        );
        assert.equal(error?.code, 'CANCELLED_ELSEWHERE');
        assert.equal(outcome, 'stayed');
        await half.hasStayed(domain);
      });

      it('its own client is closed, and cancels it', async () => {
        const domain = await half.begin();
        const leave = () => upgrades.engine.leave();
        const { outcome, error } = await migrateSlowly(domain, leave, { onClose: 'cancel' });
        assert.equal(error?.code, 'CANCELLED');
        assert.equal(outcome, 'stayed');
        await half.hasStayed(domain);
      });

      it('its own client is closed, and another confirms it', async () => {
        const domain = await half.begin();
        const { error } = await migrateSlowly(domain, () => upgrades.engine.leave());
        assert.equal(error?.code, 'LEFT_TO_QEMU');
        assert.deepEqual(await other.recoverAll(), []);
        await half.setBandwidth(domain, fast);
        assert.equal((await other.recover(domain.name))?.outcome, 'moved');
        await half.hasMoved(domain);
      });
    });
  }

  for (const early of ['give-up-addresses', 'await-reading', 'configure-source', 'migrate']) {
    it(`another one cancels a hand-back before its step ${early}`, async () => {
      const half = backToLibvirt(upgrades);
      const domain = await half.begin();
      let cancelling: Promise<unknown> | undefined;
      const { outcome, error } = await half.migrate(domain, {
        beforeStep: async (_, step) => {
          if (step === 'configure-source') await half.setBandwidth(domain, slow);
          if (step === early) cancelling = other.cancelMigration(domain.name);
        },
      });
      assert.ok(cancelling !== undefined);
      await cancelling;
      assert.equal(error?.code, 'CANCELLED_ELSEWHERE');
      assert.equal(outcome, 'stayed');
      await half.hasStayed(domain);
    });
  }
});

function fromLibvirt(upgrades: Upgrades): Half {
  let before: Untouched;
  return {
    name: 'from libvirt',
    async begin() {
      const domain = await upgrades.bench.domain({ ram: 'memfd', serials: ['file', 'unix'] });
      before = await upgrades.look(domain);
      return domain;
    },
    async setBandwidth(domain, bandwidth) {
      await domain.qmp('migrate-set-parameters', { 'max-bandwidth': bandwidth });
    },
    migrate: (domain, options) =>
      upgrades.upgrade(domain, { emulator: qemu72, mode: 'precopy', stay: true }, options),
    hasMoved: (domain) => upgrades.runsInEngine(domain),
    hasStayed: (domain) => upgrades.isUntouched(domain, before),
  };
}

function backToLibvirt(upgrades: Upgrades): Half {
  return {
    name: 'back to libvirt',
    begin: () => upgrades.away(),
    async setBandwidth(domain, bandwidth) {
      const console = await upgrades.engine.openConsole(domain.name);
      await console.execute('migrate-set-parameters', { 'max-bandwidth': bandwidth });
      console.dispose();
    },
    migrate: (domain, options) => upgrades.handBack(domain, options),
    hasMoved: (domain) => upgrades.isLibvirts(domain),
    hasStayed: (domain) => upgrades.runsInEngine(domain),
  };
}
