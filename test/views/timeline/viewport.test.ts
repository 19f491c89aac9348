import assert from 'node:assert/strict';
import fc from 'fast-check';
import { timeScale, toUs, toX } from '../../../src/views/timeline/model/time-scale';
import {
  fit,
  follow,
  isFitted,
  pan,
  reveal,
  shortestUs,
  spanOf,
  zoom,
  zoomTo,
} from '../../../src/views/timeline/model/viewport';

const extent = { startUs: 0, endUs: 100_000 };
const runs = { seed: 7, numRuns: 500 };

/** Within the extent, so that no edge is in the way. */
const middle = fc.record({
  startUs: fc.double({ min: 30_000, max: 45_000, noNaN: true }),
  span: fc.double({ min: 10, max: 20_000, noNaN: true }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

const close = (actual: number, expected: number) => {
  assert.ok(Math.abs(actual - expected) < 0.01, `${actual} is not ${expected}`);
};

describe("the timeline's viewport", () => {
  it('keeps what it zooms about where it is', () => {
    fc.assert(
      fc.property(
        middle,
        fc.double({ min: 0.5, max: 1.5, noNaN: true }),
        ({ startUs, span, share }, factor) => {
          const before = { startUs, endUs: startUs + span };
          const aboutUs = startUs + span * share;
          const after = zoom(before, factor, aboutUs, extent);
          close(
            toX(timeScale(after, 112, 800), aboutUs),
            toX(timeScale(before, 112, 800), aboutUs),
          );
        },
      ),
      runs,
    );
  });

  it('always shows something, never more than there is, and never less than a microsecond', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.double({ min: -8, max: 8, noNaN: true })), {
          maxLength: 40,
        }),
        (moves) => {
          let viewport = fit(extent);
          for (const [isZoom, amount] of moves) {
            viewport = isZoom
              ? zoom(viewport, Math.exp(amount), viewport.endUs, extent)
              : pan(viewport, amount * spanOf(viewport), extent);
            const span = spanOf(viewport);
            assert.ok(span >= shortestUs * 0.999 && span <= spanOf(fit(extent)) * 1.001);
            assert.ok(viewport.startUs < extent.endUs && viewport.endUs > extent.startUs);
          }
        },
      ),
      runs,
    );
  });

  it('is all of it when fitted', () => {
    assert.ok(isFitted(fit(extent), extent));
    assert.ok(!isFitted(zoom(fit(extent), 0.9, 0, extent), extent));
  });

  it('shows an interval with its surroundings', () => {
    const { startUs, endUs } = zoomTo({ startUs: 50_000, endUs: 52_000 }, extent);
    assert.deepEqual([startUs, endUs], [49_500, 52_500]);
  });

  it('zooms to a moment in between of others', () => {
    const viewport = zoomTo({ startUs: 50_000, endUs: 50_000 }, extent);
    assert.ok(viewport.startUs < 50_000 && viewport.endUs > 50_000 && spanOf(viewport) > 100);
  });

  it('moves only to reveal what is out of sight', () => {
    const viewport = { startUs: 10_000, endUs: 20_000 };
    assert.equal(reveal(viewport, { startUs: 19_000, endUs: 50_000 }, extent), viewport);
    const moved = reveal(viewport, { startUs: 70_000, endUs: 71_000 }, extent);
    assert.deepEqual(moved, { startUs: 65_500, endUs: 75_500 });
  });

  it('follows with its span', () => {
    const { startUs, endUs } = follow({ startUs: 0, endUs: 1000 }, 50_000);
    assert.deepEqual([endUs - startUs, endUs > 50_000], [1000, true]);
  });

  it('is exact to the microsecond, an hour after the beginning', () => {
    const hourUs = 3_600_000_000;
    const scale = timeScale({ startUs: hourUs, endUs: hourUs + 1 }, 112, 800);
    close(toX(scale, hourUs + 0.5), 512);
    close(toUs(scale, toX(scale, hourUs + 0.25)), hourUs + 0.25);
  });
});
