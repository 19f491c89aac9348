import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatBytes, formatDuration } from '../../../src/views/timeline/model/format';
import { readableStep, ticksOf } from '../../../src/views/timeline/model/ticks';

const labels = (startUs: number, endUs: number, count: number) => {
  const { base, ticks } = ticksOf({ startUs, endUs }, count);
  return [base, ...ticks.map(({ label }) => label)];
};

describe("the timeline's ruler", () => {
  for (const [startUs, endUs, count, expected] of [
    [0, 104_000, 5, [undefined, '0 ms', '50 ms', '100 ms']],
    [0, 3_400_000, 4, [undefined, '0 s', '1 s', '2 s', '3 s']],
    [0, 900_000, 3, [undefined, '0 ms', '500 ms']],
    [0, 90, 3, [undefined, '0 µs', '50 µs']],
    [87_000, 90_500, 4, [undefined, '87 ms', '88 ms', '89 ms', '90 ms']],
    [215_900, 215_912, 3, ['215 ms', '+900 µs', '+905 µs', '+910 µs']],
    [3_412_000, 3_414_500, 3, ['3412 ms', '+0 ms', '+1 ms', '+2 ms']],
    [0, 1, 10, [undefined, '0 µs', '1 µs']],
  ] as const) {
    it(`from ${startUs} to ${endUs} µs reads ${expected.slice(1).join(', ')}`, () => {
      assert.deepEqual(labels(startUs, endUs, count), expected);
    });
  }

  it('has 1, 2 or 5 times a power of ten from mark to mark', () => {
    assert.deepEqual(
      [0.3, 1, 1.2, 3, 7, 21, 480, 999].map(readableStep),
      [1, 1, 2, 5, 10, 50, 500, 1000],
    );
  });

  it('tells any two marks apart, and has about as many as there is room for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 1, max: 1e8, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        (startUs, span, count) => {
          const viewport = { startUs, endUs: startUs + span };
          const { ticks } = ticksOf(viewport, count);
          assert.equal(new Set(ticks.map(({ label }) => label)).size, ticks.length);
          assert.ok(ticks.length <= count + 2);
          assert.ok(ticks.every(({ us }) => us >= startUs - 1e-3 && us <= startUs + span + 1e-3));
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('quantities in the timeline', () => {
  for (const [us, text] of [
    [0, '0 µs'],
    [121, '121 µs'],
    [999.6, '1 ms'],
    [2400, '2.4 ms'],
    [7983, '7.98 ms'],
    [26_520, '26.5 ms'],
    [251_742, '252 ms'],
    [999_700, '1 s'],
    [3_412_345, '3.41 s'],
    [125_000_000, '2 min 5 s'],
  ] as const) {
    it(`${us} µs are ${text}`, () => {
      assert.equal(formatDuration(us), text);
    });
  }

  for (const [bytes, text] of [
    [0, '0 B'],
    [353_621, '345 KiB'],
    [17_375_232, '16.6 MiB'],
    [4 * 1024 ** 3, '4 GiB'],
  ] as const) {
    it(`${bytes} bytes are ${text}`, () => {
      assert.equal(formatBytes(bytes), text);
    });
  }
});
