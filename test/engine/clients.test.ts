/** Several clients at once; migration/recover.test.ts has those that die. */
import assert from 'node:assert/strict';
import { qemu100 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { OtherClient } from '../support/other-client';
import { EngineBench } from '../support/workbench';

describe('two clients of one host', () => {
  const bench = EngineBench.forEachTest();

  it('that migrate one domain at once: one does, the other is told that it is busy', async () => {
    const walker = await bench.walker();
    const request = { domain: walker.name, mode: 'auto', emulator: qemu100 } as const;
    const results = await Promise.allSettled([
      bench.engine.migrate(request),
      bench.engine.migrate(request),
    ]);
    const [failed, ...others] = results.flatMap((result): unknown[] =>
      result.status === 'rejected' ? [result.reason] : [],
    );
    assert.equal(others.length, 0, 'both failed');
    sidestepError('DOMAIN_BUSY')(failed);
    await walker.checkWhereItRuns();
  });

  it('in processes of their own keep out of each other’s way', async () => {
    const walker = await bench.walker();
    const other = new OtherClient(
      ...['migrate', bench.stateFolder, 'perform/migrate', walker.name, 'auto', qemu100],
    );
    assert.deepEqual(await other.says(), { at: 'perform/migrate' });

    const { outcome, error } = await walker.attempt();
    assert.equal(outcome, 'refused');
    assert.equal(error?.code, 'DOMAIN_BUSY');
    await assert.rejects(bench.engine.destroy(walker.name), sidestepError('DOMAIN_BUSY'));
    const [listed] = (await bench.engine.overview()).domains;
    assert.equal(listed?.state, 'migrating');
    assert.deepEqual(
      listed.instances.map(({ table, alive, instance }) => ({ table, alive, id: instance.id })),
      [
        { table: 'source', alive: true, id: 1 },
        { table: 'remote', alive: true, id: 2 },
      ],
    );

    other.goOn();
    assert.deepEqual(await other.says(), { outcome: 'moved' });
    await other.ended();
    await walker.checkWhereItRuns(2);
    const next = await walker.migrate();
    assert.equal(next.error, undefined);
  });

  it('do not get the same instance id, however they compete', async () => {
    const others = [1, 2].map(() => new OtherClient('claim', bench.stateFolder, '20'));
    const claimed = await Promise.all(others.map((other) => other.says()));
    await Promise.all(others.map((other) => other.ended()));
    const ids = claimed.flat().map(Number);
    assert.deepEqual(
      ids.sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    assert.equal(await bench.engine.state.claimInstanceId(), 41);
  });
});
