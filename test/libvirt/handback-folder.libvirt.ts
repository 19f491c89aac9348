/** The folder in which a hand-back makes its pipe is full, or cannot be written to. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { Engine } from '../../src/engine/engine';
import type { MigrateOptions } from '../../src/engine/migration/migrate';
import { room } from './support/room';
import { Upgrades } from './support/upgrades';
import { command } from './support/virsh';

/** A client, a domain and an instance, a migration of it, and some to spare. */
const inodes = 200;
const bytes = 8 * 1024 ** 2;

describe(`a hand-back without a place for its pipe: ${room.name}`, () => {
  afterEach(() => command('umount', ['--lazy', upgrades.stateFolder]));
  const upgrades = Upgrades.forEachTest();
  const { bench } = upgrades;

  beforeEach(async () => {
    const { stateFolder } = upgrades;
    await upgrades.engine.close();
    const options = `mode=700,size=${bytes},nr_inodes=${inodes}`;
    await command('mount', ['-t', 'tmpfs', '-o', options, 'small', stateFolder]);
    upgrades.engine = await Engine.open(bench.host, stateFolder);
  });

  const filler = (number: number | string) => `${upgrades.stateFolder}/filler-${number}`;

  /** Leaves place for so many files. */
  async function fill(spare: number): Promise<void> {
    let count = 0;
    for (; ; count++) {
      if (await isFull(() => writeFile(filler(count), ''))) break;
    }
    for (let freed = 0; freed < spare; freed++) await rm(filler(--count));
  }

  async function clear(): Promise<void> {
    for (let number = 0; number < inodes; number++) await rm(filler(number), { force: true });
  }

  const beforeRestore = (deed: () => Promise<unknown>): MigrateOptions => ({
    beforeStep: async (_, step) => {
      if (step === 'start-restore') await deed();
    },
  });

  it('for want of inodes says so, and succeeds once there are some', async () => {
    const domain = await upgrades.away();
    // The folder, the program's output, its socket, the pipe.
    for (const spare of [0, 1, 2, 3]) {
      const options = beforeRestore(() => fill(spare));
      const { outcome, error } = await upgrades.handBack(domain, options);
      await clear();
      assert.equal(error?.code, 'STATE_FULL', `${spare}: ${String(error)}`);
      assert.equal(outcome, spare < 2 ? 'refused' : 'stayed');
      await upgrades.runsInEngine(domain);
    }
    const { error } = await upgrades.handBack(
      domain,
      beforeRestore(() => fill(4)),
    );
    assert.equal(error, undefined);
    await clear();
    await upgrades.isLibvirts(domain);
  });

  it('needs no space for what it makes', async () => {
    const domain = await upgrades.away();
    const { error } = await upgrades.handBack(
      domain,
      beforeRestore(() => isFull(() => writeFile(filler('all'), Buffer.alloc(bytes)))),
    );
    assert.equal(error, undefined);
    await rm(filler('all'));
    await upgrades.isLibvirts(domain);
  });

  it('where it may not be written to says so, and succeeds once it may', async () => {
    const domain = await upgrades.away();
    const folder = upgrades.engine.state.domainFolder(await domain.uuid());
    const options = beforeRestore(async () => {
      await command('mount', ['--bind', folder, folder]);
      await command('mount', ['-o', 'remount,bind,ro', folder]);
    });
    const { outcome, error } = await upgrades.handBack(domain, options);
    await command('umount', ['--lazy', folder]);
    assert.equal(error?.code, 'STATE_UNREADABLE', String(error));
    assert.match(String(error), /handback: read-only file system/);
    assert.equal(outcome, 'refused');
    await domain.goesOn();
    // Its journal could not be removed.
    const recovery = await upgrades.engine.recover(domain.name);
    assert.equal(recovery?.outcome, 'stayed');
    await upgrades.runsInEngine(domain);
    const again = await upgrades.handBack(domain);
    assert.equal(again.error, undefined);
    await upgrades.isLibvirts(domain);
  });
});

async function isFull(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return false;
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error && error.code === 'ENOSPC', String(error));
    return true;
  }
}
