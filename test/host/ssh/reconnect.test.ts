import assert from 'node:assert/strict';
import { reconnectDelay } from '../../../src/host/ssh/reconnect';

describe('SSH reconnect', () => {
  it('waits twice as long each time, and no longer than 30 s', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 1000].map((attempt) => reconnectDelay(attempt, 0));
    assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('comes up to a quarter earlier by chance', () => {
    assert.equal(reconnectDelay(1, 1), 750);
    assert.equal(reconnectDelay(6, 0.5), 26_250);
  });
});
