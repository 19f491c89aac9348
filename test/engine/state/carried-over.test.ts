/** What an earlier version has left: its domains are gone on with, and what was under way is finished. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { qemu100 } from '../../support/emulators';
import { OtherClient } from '../../support/other-client';
import { EngineBench, type Walker } from '../../support/workbench';

/** Folders and members of records that the first version did not have. */
const laterFolders = ['claims', 'clients'];
const laterMembers = new Set(['ownedTaps', 'runAs', 'takenSockets', 'taps']);

describe('a state folder of an earlier version', () => {
  const bench = EngineBench.forEachTest();

  /** Opens the folder anew, after it was made what the first version would have left. */
  async function comeAfterAnEarlierVersion({ uuid }: Walker): Promise<void> {
    const { state } = bench.engine;
    await bench.engine.close();
    for (const name of laterFolders) await rm(join(state.path, name), { recursive: true });
    for (const path of [join(state.domainFolder(uuid), 'domain.json'), state.journalPath(uuid)])
      await forgetLaterMembers(path);
    await rm(`${state.journalPath(uuid)}.reserve`, { force: true });
    await bench.reconnect();
  }

  it('has its domains migrated as any other’s', async () => {
    const walker = await bench.walker();
    await comeAfterAnEarlierVersion(walker);
    const { error } = await walker.migrate({ emulator: qemu100 });
    assert.equal(error, undefined);
    await walker.checkMemory();
  });

  for (const [at, outcome] of [
    ['prepare/connect-target', 'stayed'],
    ['confirm/move-tables', 'moved'],
  ] as const) {
    it(`has a migration that was cut off at ${at} brought to its end`, async () => {
      const walker = await bench.walker();
      const args = [bench.stateFolder, at, walker.name, 'ignore-shared', qemu100];
      const client = new OtherClient('migrate', ...args);
      assert.deepEqual(await client.says(), { at });
      await client.kill();
      await comeAfterAnEarlierVersion(walker);
      assert.equal((await bench.engine.recover(walker.uuid))?.outcome, outcome);
      await walker.checkWhereItRuns();
      await walker.checkMemory();
    });
  }
});

/** Of each line that is JSON, or of the whole file; one that is not there is no failure. */
async function forgetLaterMembers(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const documents = path.endsWith('.ndjson') ? text.trimEnd().split('\n') : [text];
  const early = documents.map((each) =>
    JSON.stringify(JSON.parse(each), (key, value: unknown) =>
      laterMembers.has(key) ? undefined : value,
    ),
  );
  await writeFile(path, early.map((each) => `${each}\n`).join(''));
}
