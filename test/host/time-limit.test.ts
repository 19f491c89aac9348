import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { timeLimit } from '../../src/host/time-limit';

describe('a time limit', () => {
  it('holds within a signal of several, however much is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    let aborted = 0;
    for (let count = 0; count < 20; count++) {
      AbortSignal.any([timeLimit(100), new AbortController().signal]).addEventListener(
        'abort',
        () => aborted++,
      );
    }
    for (let ms = 0; ms < 200; ms += 20) {
      await delay(20);
      collect();
    }
    assert.equal(aborted, 20);
  });

  it('says that the time is up', async () => {
    const limit = timeLimit(1);
    await delay(20);
    assert.throws(() => {
      limit.throwIfAborted();
    }, /time is up/);
  });
});
