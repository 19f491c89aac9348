/** A client that is killed before each step of each phase: whoever comes next brings it to an end. */
import assert from 'node:assert/strict';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modes, type Mode } from '../../../src/engine/mode';
import type { RamPlace } from '../../../src/engine/domain/upgrade-ready';
import { qemu100, qemu72 } from '../../support/emulators';
import { connectTo, firstBytes, freePort } from '../../support/net';
import { sidestepError } from '../../support/errors';
import { OtherClient } from '../../support/other-client';
import { stepsOf } from '../../support/steps';
import { EngineBench, type Walker, type WalkerOptions } from '../../support/workbench';

describe('A migration whose client was killed', () => {
  const bench = EngineBench.forEachTest();
  async function migrateUntil(step: string, walker: Walker, mode: Mode): Promise<void> {
    const args = [bench.stateFolder, step, walker.name, mode, qemu100];
    const client = new OtherClient('migrate', ...args);
    assert.deepEqual(await client.says(), { at: step });
    await client.kill();
  }

  const ram: Readonly<Record<Mode, RamPlace>> = {
    precopy: 'file',
    'ignore-shared': 'file',
    'cpr-transfer': 'memfd',
    postcopy: 'file',
  };
  const walkerFor = (mode: Mode, options: WalkerOptions = {}) =>
    bench.walker({
      emulator: mode === 'cpr-transfer' ? qemu100 : qemu72,
      ram: ram[mode],
      ...options,
    });

  for (const mode of modes) {
    for (const { phase, step: name } of stepsOf(mode)) {
      it(`before "${name}" in ${phase} (${mode}) is brought to an end`, async () => {
        const user = bench.path('user.sock');
        const port = await freePort();
        const walker = await walkerFor(mode, {
          arguments: [
            ...['-qmp', `unix:${user},server=on,wait=off`],
            ...['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${port}-:80`],
          ],
        });
        const before = await readdir(bench.folder);
        await migrateUntil(`${phase}/${name}`, walker, mode);
        await walker.runsInOnePlace();
        await walker.goesOn();
        if (name !== 'claim-domain') {
          const { error } = await walker.attempt();
          assert.equal(error?.code, 'RECOVERY_NEEDED');
        }
        const recovery = await bench.engine.recover(walker.name);
        const isSwitched = ['finish', 'confirm'].includes(phase);
        if (isSwitched) assert.equal(recovery?.outcome, 'moved');
        else if (name === 'claim-domain') assert.equal(recovery, undefined);
        else assert.ok(recovery?.outcome === 'stayed' || recovery?.outcome === 'moved');
        const moved = recovery?.outcome === 'moved';
        assert.deepEqual(recovery?.takenBack.filter(({ error }) => error !== undefined) ?? [], []);
        await walker.checkWhereItRuns();
        assert.equal((await walker.instance()).id === 1, !moved);
        await walker.checkMemory();
        const socket = await connectTo({ path: user });
        assert.match(await firstBytes(socket, 8), /^\{"QMP"/);
        socket.destroy();
        (await connectTo({ host: '127.0.0.1', port })).destroy();
        assert.deepEqual(await readdir(bench.folder), before);
        if (recovery !== undefined) {
          const records = await bench.readTrace(recovery.tracePath);
          assert.equal(records.at(-1)?.type, 'verdict');
        }
        assert.equal(await bench.engine.recover(walker.name), undefined);
        const again = await walker.migrate({ emulator: qemu100, mode });
        assert.equal(again.error, undefined);
      });
    }
  }

  it('while QEMU was at it is left to QEMU, and finished', async () => {
    const walker = await walkerFor('precopy', { stepsPerSecond: 50 });
    await migrateUntil('perform/await-completion', walker, 'precopy');
    const recovery = await bench.engine.recover(walker.name);
    assert.equal(recovery?.outcome, 'moved');
    await walker.checkWhereItRuns();
    await walker.checkMemory();
  });

  it('is left alone where its journal does not say what was begun', async () => {
    const walker = await walkerFor('ignore-shared');
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
    const walker = await walkerFor('ignore-shared');
    await migrateUntil('prepare/connect-target', walker, 'ignore-shared');
    await bench.engine.recover(walker.name);
    await bench.engine.close();
    for (const name of ['clients', 'claims']) {
      assert.deepEqual(await readdir(join(bench.stateFolder, name)), [], name);
    }
    await assert.rejects(access(bench.engine.state.journalPath(walker.uuid)), { code: 'ENOENT' });
  });
});
