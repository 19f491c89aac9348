/**
 * A client that is killed: whoever comes next brings its migration to an end. (Before each step:
 * test/faults/.)
 */
import assert from 'node:assert/strict';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mode } from '../../../src/engine/mode';
import { qemu100 } from '../../support/emulators';
import { sidestepError } from '../../support/errors';
import { OtherClient } from '../../support/other-client';
import { EngineBench, type Walker } from '../../support/workbench';

describe('A migration whose client was killed', () => {
  const bench = EngineBench.forEachTest();
  async function migrateUntil(step: string, walker: Walker, mode: Mode): Promise<void> {
    const args = [bench.stateFolder, step, walker.name, mode, qemu100];
    const client = new OtherClient('migrate', ...args);
    assert.deepEqual(await client.says(), { at: step });
    await client.kill();
  }

  it('while QEMU was at it is left to QEMU, and finished', async () => {
    const walker = await bench.walker({ ram: 'memfd' });
    await migrateUntil('perform/await-completion', walker, 'precopy');
    const recovery = await bench.engine.recover(walker.name);
    assert.equal(recovery?.outcome, 'moved');
    await walker.checkWhereItRuns();
    await walker.checkMemory();
  });

  it('is left alone where its journal does not say what was begun', async () => {
    const walker = await bench.walker({ ram: 'file' });
    await migrateUntil('perform/migrate', walker, 'ignore-shared');
    const path = bench.engine.state.journalPath(walker.uuid);
    const journal = await readFile(path, 'utf8');
    const withoutCookies = journal.split('\n').filter((line) => !line.includes('"kind":"cookies"'));
    await writeFile(path, withoutCookies.join('\n'));
    await assert.rejects(bench.engine.recover(walker.name), sidestepError('RECOVERY_UNDECIDED'));
    await walker.runsInOnePlace();
    await writeFile(path, journal);
    assert.equal((await bench.engine.recover(walker.name))?.outcome, 'stayed');
    await walker.checkWhereItRuns();
  });

  it('leaves nothing of the client in the state folder', async () => {
    const walker = await bench.walker({ ram: 'file' });
    await migrateUntil('prepare/connect-target', walker, 'ignore-shared');
    await bench.engine.recover(walker.name);
    await bench.engine.close();
    for (const name of ['clients', 'claims']) {
      assert.deepEqual(await readdir(join(bench.stateFolder, name)), [], name);
    }
    await assert.rejects(access(bench.engine.state.journalPath(walker.uuid)), { code: 'ENOENT' });
  });
});
