/** The keys of the lanes. */
import { across, closest, neighbour } from '../model/hit-test';
import type { Item } from '../model/items';
import type { Layout } from '../model/layout';
import { fitAll, panBy, select, zoomAbout, zoomToItem, zoomToStandstill } from '../navigation';
import type { Store } from '../store';

const zoomStep = 1.5;
const panStep = 0.15;

/** @returns whether the key is one of theirs */
export function pressed(key: string, store: Store, layout: Layout): boolean {
  const { viewport, model, selection } = store.state;
  const middle = (viewport.startUs + viewport.endUs) / 2;
  const selected = model.item(selection);
  const about = selected && isSeen(selected, store) ? selected.startUs : middle;
  const go = (item: Item | undefined) => {
    if (item !== undefined) select(store, item);
    return true;
  };
  const first = () => go(closest(layout.lanes[0]?.strips[0]?.track.items ?? [], middle));
  // With Shift, for D alone pans.
  if (key === 'D') return zoomToStandstill(store);
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case 'w':
    case '+':
    case '=':
      zoomAbout(store, 1 / zoomStep, about);
      return true;
    case 's':
    case '-':
      zoomAbout(store, zoomStep, about);
      return true;
    case 'a':
      panBy(store, -panStep);
      return true;
    case 'd':
      panBy(store, panStep);
      return true;
    case 'f':
    case '0':
      fitAll(store);
      return true;
    case 'Home':
      return go(model.all.items[0]);
    case 'End':
      return go(model.all.last);
    case 'ArrowLeft':
      return selected === undefined ? first() : go(neighbour(layout, selected, -1));
    case 'ArrowRight':
      return selected === undefined ? first() : go(neighbour(layout, selected, 1));
    case 'ArrowUp':
      return selected === undefined ? first() : go(across(layout, selected, -1));
    case 'ArrowDown':
      return selected === undefined ? first() : go(across(layout, selected, 1));
    case 'Enter':
      if (selected === undefined) return first();
      zoomToItem(store, selected);
      return true;
    case 'Escape':
      if (selected === undefined) return false;
      select(store, undefined);
      return true;
    default:
      return false;
  }
}

function isSeen({ startUs, endUs }: Item, { state: { viewport } }: Store): boolean {
  return startUs < viewport.endUs && endUs > viewport.startUs;
}
