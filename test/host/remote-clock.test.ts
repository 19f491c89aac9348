import assert from 'node:assert/strict';
import { RemoteClock } from '../../src/host/ssh/remote/clock';

describe('the clock of a host behind SSH', () => {
  /** ms that the host's clock is ahead of ours. */
  const ahead = 1_000_000;
  /** A question that took so many ms to get there, and back. */
  const sample = (asked: number, there: number, back: number, shift = ahead) => ({
    asked,
    answered: asked + there + back,
    host: (asked + there + shift) * 1000,
  });
  const at = (time: number) => () => time;

  it('is that of the quickest answer', () => {
    const clock = new RemoteClock([sample(0, 90, 10), sample(0, 5, 5), sample(0, 10, 90)], at(500));
    assert.equal(clock.now(), (500 + ahead) * 1000);
  });

  it('is not moved by an answer that may just have come late', () => {
    const clock = new RemoteClock([sample(0, 5, 5)], at(500));
    clock.correct(sample(400, 95, 5));
    clock.correct(sample(400, 5, 95));
    assert.equal(clock.now(), (500 + ahead) * 1000);
  });

  it('follows a clock that was set, or has drifted', () => {
    for (const drift of [-60_000, -20, 20, 60_000]) {
      const clock = new RemoteClock([sample(0, 5, 5)], at(500));
      clock.correct(sample(400, 5, 5, ahead + drift));
      assert.equal(clock.now(), (500 + ahead + drift) * 1000);
    }
  });
});
