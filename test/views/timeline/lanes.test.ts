import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameOf } from '../../../src/views/timeline/model/describe';
import {
  across,
  itemAt,
  laneOf,
  neighbour,
  reach,
} from '../../../src/views/timeline/model/hit-test';
import { isFailed, type Item } from '../../../src/views/timeline/model/items';
import { placeLabels, type Label } from '../../../src/views/timeline/model/labels';
import { layoutOf } from '../../../src/views/timeline/model/layout';
import { timeScale, toX } from '../../../src/views/timeline/model/time-scale';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { fit, type Viewport } from '../../../src/views/timeline/model/viewport';
import { eachVisible, narrowest } from '../../../src/views/timeline/model/visible';
import { anyTrace, command, header, moved, reply } from './traces';

const runs = { seed: 7, numRuns: 300 };
const width = 800;

function open(records: Parameters<typeof TraceModel.of>[0], viewport?: Viewport) {
  const model = TraceModel.of(records);
  const all = fit({ startUs: 0, endUs: model.lastUs });
  return { model, layout: layoutOf(model), scale: timeScale(viewport ?? all, 112, width) };
}

const named = (items: readonly Item[], name: string) => {
  const item = items.find((each) => nameOf(each) === name);
  assert.ok(item, `there is no ${name}`);
  return item;
};

describe("the timeline's lanes", () => {
  it('go from the phases over the source and the target to the outcome', () => {
    const { layout } = open(moved);
    assert.deepEqual(
      layout.lanes.map(({ id }) => id),
      [
        ...['phases', 'steps', 'tables'],
        ...['run-state 7', 'qmp 7', 'events 7'],
        ...['run-state 8', 'qmp 8', 'events 8', 'output 8'],
        ...['take-backs', 'remarks'],
      ],
    );
  });

  it('lie below each other, and all they show within them', () => {
    fc.assert(
      fc.property(anyTrace, (records) => {
        const { layout } = open(records);
        let bottom = 0;
        for (const { id, top, height, strips, labels } of layout.lanes) {
          assert.ok(top >= bottom, `${id} begins above the end of the lane before`);
          bottom = top + height;
          for (const strip of strips) {
            assert.ok(strip.top >= top && strip.top + strip.height <= bottom, id);
          }
          assert.ok(labels.lineTop === undefined || labels.lineTop < bottom);
        }
        assert.ok(layout.height >= bottom);
      }),
      runs,
    );
  });

  it('have under the pointer what is drawn there', () => {
    fc.assert(
      fc.property(anyTrace, fc.nat(), (records, pick) => {
        const { model, layout, scale } = open(records);
        const strips = layout.lanes.flatMap((lane) => lane.strips);
        const strip = strips[pick % strips.length];
        if (strip === undefined) return;
        for (const item of strip.track.items) {
          const end = Math.min(item.endUs, model.lastUs);
          const x = toX(scale, item.startUs + Math.max(end - item.startUs, 0) / 2);
          const found = itemAt(layout, scale, model.lastUs, x, strip.top + strip.height / 2);
          assert.ok(found !== undefined);
          assert.ok(strip.track.indexOf(found) >= 0, 'an item of another strip');
          const [left, right] = [
            toX(scale, found.startUs),
            toX(scale, Math.min(found.endUs, model.lastUs)),
          ];
          assert.ok(left - reach <= x && x <= Math.max(left, right) + reach, 'an item elsewhere');
        }
      }),
      runs,
    );
  });

  it('have nothing under the pointer between items, and over their names', () => {
    const { model, layout, scale } = open(moved);
    const lane = layout.lanes.find(({ id }) => id === 'qmp 7');
    const y = lane?.strips[0]?.top ?? 0;
    assert.equal(itemAt(layout, scale, model.lastUs, toX(scale, 50_000), y), undefined);
    assert.equal(itemAt(layout, scale, model.lastUs, 50, layout.lanes[0]?.top ?? 0), undefined);
  });

  it('are gone through with the arrows', () => {
    const { model, layout } = open(moved);
    const stop = named(model.all.items, 'STOP');
    assert.equal(laneOf(layout, stop)?.id, 'events 7');
    assert.equal(neighbour(layout, stop, -1), named(model.all.items, 'MIGRATION active'));
    assert.equal(across(layout, stop, -1), named(model.all.items, 'migrate'));
    assert.equal(across(layout, stop, 1), named(model.all.items, 'inmigrate'));
    assert.equal(neighbour(layout, named(model.all.items, 'Confirm'), 1), undefined);
    assert.equal(across(layout, named(model.all.items, 'Begin'), -1), undefined);
  });
});

describe('what of a lane is drawn', () => {
  const shapesOf = (records: Parameters<typeof TraceModel.of>[0], viewport?: Viewport) => {
    const { model, layout, scale } = open(records, viewport);
    return layout.lanes.flatMap(({ strips }) =>
      strips.map((strip) => {
        const shapes: { item: Item; x: number; width: number; count: number; failed: boolean }[] =
          [];
        eachVisible(strip, scale, model.lastUs, (shape) => shapes.push({ ...shape }));
        return { strip, shapes };
      }),
    );
  };

  it('is everything, from left to right, when all is seen', () => {
    fc.assert(
      fc.property(anyTrace, (records) => {
        for (const { strip, shapes } of shapesOf(records)) {
          const drawn = shapes.reduce((sum, { count }) => sum + count, 0);
          assert.equal(drawn, strip.track.length);
          const hasFailed = strip.track.items.some(isFailed);
          assert.equal(
            shapes.some(({ failed }) => failed),
            hasFailed,
          );
          assert.ok(shapes.every(({ item }) => strip.track.indexOf(item) >= 0));
          assert.ok(shapes.every(({ x }, i) => x >= (shapes[i - 1]?.x ?? -Infinity)));
        }
      }),
      runs,
    );
  });

  it('has each bar that is wide enough by itself, where it belongs', () => {
    fc.assert(
      fc.property(anyTrace, (records) => {
        const { model, layout, scale } = open(records);
        for (const { strips } of layout.lanes) {
          for (const strip of strips.filter(({ shape }) => shape === 'bar')) {
            const shapes: (readonly [Item, number, number])[] = [];
            eachVisible(strip, scale, model.lastUs, ({ item, width, count }) => {
              shapes.push([item, width, count]);
            });
            for (const item of strip.track.items) {
              const endUs = Math.min(item.endUs, model.lastUs);
              const wide = (endUs - item.startUs) * scale.pixelsPerUs;
              if (wide > narrowest)
                assert.ok(shapes.some((shape) => shape[0] === item && shape[2] === 1));
            }
          }
        }
      }),
      runs,
    );
  });

  it('is only what can be told apart, of however many records, and what failed is not hidden', () => {
    const records = Array.from({ length: 10_000 }, (_, i) => [
      command(i * 100, 7, 'query-migrate', String(i)),
      i === 5000
        ? { ...reply(i * 100 + 50, 7, 'query-migrate', String(i)), kind: 'error' as const }
        : reply(i * 100 + 50, 7, 'query-migrate', String(i)),
    ]).flat() as Parameters<typeof TraceModel.of>[0];
    const { strip, shapes } =
      shapesOf([header, ...records]).find(({ shapes }) => shapes.length > 0) ?? {};
    assert.ok(strip && shapes && shapes.length <= width);
    const failed = shapes.filter((shape) => shape.failed);
    assert.equal(failed.length, 1);
    assert.equal(failed[0]?.item.startUs, 500_000);
  });

  it('is named by the most important one of those that fall together', () => {
    const shapes = shapesOf(moved, { startUs: -4_000_000, endUs: 4_000_000 });
    const names = shapes.flatMap((each) => each.shapes.map(({ item }) => nameOf(item)));
    for (const name of ['STOP', 'RESUME', '#8 remote → source', 'qom-get']) {
      assert.ok(names.includes(name), `${name} is hidden by others`);
    }
  });

  it('is only what is in sight', () => {
    const shapes = shapesOf(moved, { startUs: 88_000, endUs: 89_000 }).flatMap(
      (each) => each.shapes,
    );
    assert.deepEqual(
      shapes.map(({ item }) => nameOf(item)),
      ['Perform', 'paused', 'inmigrate'],
    );
  });
});

describe('labels', () => {
  const item = TraceModel.of(moved).all.items[0];
  assert.ok(item);
  const label = (x: number, width: number, priority = 1): Label => ({
    item,
    text: String(x),
    x,
    width,
    priority,
  });

  it('never overlap, and stay within the lanes', () => {
    const wish = fc.record({
      x: fc.integer({ min: 100, max: 900 }),
      width: fc.integer({ min: 5, max: 150 }),
      priority: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 60 }), (wishes) => {
        const placed = placeLabels(
          wishes.map(({ x, width, priority }) => label(x, width, priority)),
          100,
          900,
        );
        for (const [index, { x, width }] of placed.entries()) {
          assert.ok(x >= 100 && x + width <= 900);
          assert.ok(x + width < (placed[index + 1]?.x ?? Infinity));
        }
      }),
      runs,
    );
  });

  it('go to the most important first', () => {
    const placed = placeLabels([label(100, 50), label(120, 50, 3), label(150, 50)], 0, 900);
    assert.deepEqual(
      placed.map(({ text }) => text),
      ['120'],
    );
  });

  it('move to the left at the right edge', () => {
    assert.deepEqual(
      placeLabels([label(880, 50)], 0, 900).map(({ x }) => x),
      [850],
    );
  });
});
