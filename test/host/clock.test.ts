import assert from 'node:assert/strict';
import { createClock } from '../../src/host/local/clock';

describe('the local clock', () => {
  /** A wall clock of whole ms and a monotonic one, both moved by hand. */
  function machine() {
    const time = { wall: 1000, elapsed: 0 };
    const clock = createClock(
      () => Math.floor(time.wall),
      () => time.elapsed,
      1000,
    );
    const pass = (ms: number) => {
      time.wall += ms;
      time.elapsed += ms;
    };
    return { time, clock, pass };
  }

  it('counts µs between the ticks of the wall clock', () => {
    const { clock, pass } = machine();
    assert.equal(clock(), 1_000_000);
    pass(0.25);
    assert.equal(clock(), 1_000_250);
    pass(10.5);
    assert.equal(clock(), 1_010_750);
  });

  for (const step of [-5000, 5000, 3]) {
    it(`follows the wall clock within 1 ms when that is set by ${step} ms`, () => {
      const { time, clock, pass } = machine();
      pass(7.25);
      time.wall += step;
      assert.ok(Math.abs(clock() - time.wall * 1000) <= 1000);
      const before = clock();
      pass(0.5);
      assert.equal(clock() - before, 500, 'and stays as fine as it was');
    });
  }

  it('is the wall clock of this machine', () => {
    const before = Date.now() - 3;
    const now = createClock()() / 1000;
    assert.ok(before <= now && now <= Date.now() + 3);
  });
});
