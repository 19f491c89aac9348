import assert from 'node:assert/strict';
import fc from 'fast-check';
import { placeFlags, type FlagWish } from '../../../src/views/timeline/model/flags';

const edges = { left: 100, right: 900 };
const wish = (left: number, right: number): FlagWish => ({ left, right, widths: [150, 40] });
const placed = (...wishes: FlagWish[]) =>
  placeFlags(wishes, edges).map(({ x, place, isShort }) => [x, place, isShort]);

describe('the lengths of the standstills', () => {
  it('stand within a wide one, else beside it', () => {
    assert.deepEqual(placed(wish(300, 500)), [[325, 'inside', false]]);
    assert.deepEqual(placed(wish(300, 302)), [[308, 'beside', false]]);
    assert.deepEqual(placed(wish(850, 852)), [[694, 'beside', false]]);
  });

  it('do not cover each other, and are all short where there is no room for more', () => {
    assert.deepEqual(placed(wish(300, 302), wish(330, 332)), [
      [144, 'beside', false],
      [338, 'beside', false],
    ]);
    assert.deepEqual(placed(wish(200, 202), wish(230, 232)), [
      [154, 'beside', true],
      [238, 'beside', true],
    ]);
  });

  it('point to the nearest one beyond an edge', () => {
    assert.deepEqual(placed(wish(10, 20), wish(40, 50), wish(400, 600), wish(950, 960)), [
      [425, 'inside', false],
      [100, 'edge', false],
      [750, 'edge', false],
    ]);
  });

  it('never lie over each other, or outside', () => {
    const band = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(fc.array(band, { maxLength: 6 }), (bands) => {
        const wishes = bands.sort(([a], [b]) => a - b).map(([left, w]) => wish(left, left + w));
        const spans = placeFlags(wishes, edges)
          .map(({ x, isShort }) => [x, x + (isShort ? 40 : 150)] as const)
          .sort(([a], [b]) => a - b);
        let end = edges.left;
        for (const [from, to] of spans) {
          assert.ok(from >= end && to <= edges.right, JSON.stringify(spans));
          end = to;
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
