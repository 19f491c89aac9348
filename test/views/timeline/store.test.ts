import assert from 'node:assert/strict';
import { isFitted, spanOf } from '../../../src/views/timeline/model/viewport';
import { pressed } from '../../../src/views/timeline/lanes/keyboard';
import { layoutOf } from '../../../src/views/timeline/model/layout';
import { nameOf } from '../../../src/views/timeline/model/describe';
import { fitAll, look, select, zoomToStandstill } from '../../../src/views/timeline/navigation';
import { Store } from '../../../src/views/timeline/store';
import { moved, upgraded } from './traces';

const half = moved.slice(0, 20);
const rest = moved.slice(20);

function opened(records = moved): Store {
  const store = new Store();
  store.snapshot(records);
  return store;
}

describe("the timeline's state", () => {
  it('begins with all of the trace in sight', () => {
    const store = opened();
    assert.ok(isFitted(store.state.viewport, store.extent));
  });

  it('goes on showing all of a trace that grows', () => {
    const store = opened(half);
    store.append(rest);
    assert.ok(isFitted(store.state.viewport, store.extent));
    assert.equal(store.state.model.verdict?.outcome, 'moved');
  });

  it('follows with what was zoomed to, until one looks elsewhere', () => {
    const store = opened(half);
    const now = store.state.nowUs;
    look(store, { startUs: now - 1000, endUs: now + 10 });
    assert.ok(store.state.follow);
    store.tick(now + 5000);
    assert.ok(store.state.viewport.endUs > now + 5000);
    assert.ok(Math.abs(spanOf(store.state.viewport) - 1010) < 0.01);

    look(store, { startUs: 0, endUs: 1000 });
    assert.equal(store.state.follow, false);
    store.append(rest);
    assert.deepEqual(store.state.viewport, { startUs: 0, endUs: 1000 });
  });

  it('has no time behind the verdict', () => {
    const store = opened(half);
    store.tick(500_000);
    store.append(rest);
    assert.equal(store.state.nowUs, 104_000);
  });

  it('survives a reload', () => {
    const store = opened();
    zoomToStandstill(store);
    select(store, store.state.model.all.items[3]);
    const saved: unknown = JSON.parse(JSON.stringify(store.toPersisted()));

    const again = new Store();
    again.fromPersisted(saved);
    again.snapshot(moved);
    assert.deepEqual(again.toPersisted(), store.toPersisted());
  });

  it('keeps what it has of before until there is a trace that it is about', () => {
    const saved = opened().toPersisted();
    const waiting = new Store();
    waiting.fromPersisted(saved);
    const changed = { ...saved.filters, text: 'stop' };
    waiting.update({ filters: changed });
    assert.deepEqual(waiting.toPersisted(), { ...saved, filters: changed });
  });

  it('does without what it cannot read', () => {
    for (const saved of [undefined, null, 7, { viewport: 'wide' }, { selection: 1 }]) {
      const store = new Store();
      store.fromPersisted(saved);
      store.snapshot(moved);
      assert.ok(isFitted(store.state.viewport, store.extent));
    }
  });

  it('forgets the selection that a trace does not have', () => {
    const store = new Store();
    store.fromPersisted({ ...opened().toPersisted(), selection: 9999 });
    store.snapshot(moved);
    assert.equal(store.state.selection, undefined);
  });

  it('keeps zoom and selection when the same trace comes anew, and not of another one', () => {
    const store = opened(half);
    zoomToStandstill(store);
    select(store, store.state.model.all.items[0]);
    store.snapshot(moved);
    assert.equal(store.state.selection, store.state.model.all.items[0]?.id);
    store.snapshot(moved.map((record) => ({ ...record, at: record.at + 1 })));
    assert.equal(store.state.selection, undefined);
  });

  it('tells its listeners, until they end it', () => {
    const store = new Store();
    const revisions: number[] = [];
    const end = store.subscribe(({ revision }) => revisions.push(revision));
    store.snapshot(half);
    store.append(rest);
    end();
    store.append([]);
    assert.deepEqual(revisions, [1, 2]);
  });
});

describe("the timeline's keys", () => {
  const store = opened();
  const press = (...keys: string[]) =>
    keys.map((key) => pressed(key, store, layoutOf(store.state.model)));
  const selected = () => {
    const item = store.state.model.item(store.state.selection);
    return item && nameOf(item);
  };

  it('go from item to item and from lane to lane', () => {
    press('ArrowRight');
    assert.equal(selected(), 'Prepare');
    press('ArrowRight', 'ArrowRight', 'ArrowLeft');
    assert.equal(selected(), 'Perform');
    press('ArrowDown', 'ArrowDown', 'ArrowDown');
    assert.equal(selected(), 'running');
    press('ArrowRight');
    assert.equal(selected(), 'paused');
  });

  it('zoom, pan and fit', () => {
    press('f');
    const whole = spanOf(store.state.viewport);
    press('w', 'w');
    assert.ok(spanOf(store.state.viewport) < whole / 2);
    const { startUs } = store.state.viewport;
    press('d');
    assert.ok(store.state.viewport.startUs > startUs);
    press('0');
    assert.equal(spanOf(store.state.viewport), whole);
  });

  it('find the standstill, and what is selected', () => {
    press('D');
    const { startUs, endUs } = store.state.viewport;
    assert.ok(startUs < 87_500 && endUs > 89_900 && endUs - startUs < 5000);
    fitAll(store);
    press('Home', 'Enter');
    assert.equal(selected(), 'Begin');
    assert.ok(spanOf(store.state.viewport) < 40_000);
    press('Escape');
    assert.equal(selected(), undefined);
  });

  it('go from one standstill to the next, and around', () => {
    const two = new Store();
    two.snapshot(upgraded);
    const middles = [1, 2, 3].map(() => {
      pressed('D', two, layoutOf(two.state.model));
      const { startUs, endUs } = two.state.viewport;
      return (startUs + endUs) / 2;
    });
    assert.deepEqual(middles, [27_750, 127_750, 27_750]);
  });

  it('leave other keys alone', () => {
    assert.deepEqual(press('Tab', 'q', 'Escape'), [false, false, false]);
  });
});
