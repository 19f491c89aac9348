import assert from 'node:assert/strict';
import { qemu100 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { EngineBench } from '../support/workbench';

describe('A domain', () => {
  const bench = EngineBench.forEachTest();

  it('is paused, is left so, and goes on', async () => {
    const walker = await bench.walker();
    const state = async () => (await bench.engine.overview()).domains[0]?.state;
    await bench.engine.pause(walker.name);
    await bench.engine.pause(walker.uuid);
    assert.equal(await state(), 'paused');
    await bench.engine.resume(walker.name);
    await bench.engine.resume(walker.name);
    assert.equal(await state(), 'running');
    await walker.goesOn();
  });

  it('is not paused while it is migrated', async () => {
    const walker = await bench.walker();
    let refusal: unknown;
    const { error } = await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step !== 'migrate') return;
          refusal = await bench.engine.pause(walker.name).catch((thrown: unknown) => thrown);
        },
      },
    });
    assert.equal(error, undefined);
    assert.ok(sidestepError('DOMAIN_BUSY', /walker-1/)(refusal));
  });

  it('that is none, or has ended, is not paused', async () => {
    await assert.rejects(bench.engine.pause('nobody'), sidestepError('NO_SUCH_DOMAIN'));
    const walker = await bench.walker();
    await bench.kill(walker.first.process);
    await assert.rejects(bench.engine.pause(walker.name), sidestepError('NOT_RUNNING'));
  });
});
