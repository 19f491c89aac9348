/** Where the page can go: what the keys, the buttons and a double click do. */
import type { Item } from './model/items';
import type { Store } from './store';
import { clamp, fit, pan, reveal, spanOf, zoom, zoomTo, type Viewport } from './model/viewport';

export function fitAll(store: Store): void {
  store.update({ viewport: fit(store.extent), follow: true });
}

/**
 * To the first time that the guest stood still; from there to the next one, and around.
 * @returns whether it has stood still at all
 */
export function zoomToStandstill(store: Store): boolean {
  const { model, viewport } = store.state;
  const { standstills } = model;
  const shown = standstills.findIndex((each) => {
    const { startUs, endUs } = viewportOf(store, each);
    return startUs === viewport.startUs && endUs === viewport.endUs;
  });
  const next = standstills[(shown + 1) % standstills.length];
  if (next === undefined) return false;
  zoomToInterval(store, next);
  return true;
}

export function zoomToItem(store: Store, item: Item): void {
  zoomToInterval(store, item);
}

export function zoomToInterval(store: Store, interval: Viewport): void {
  look(store, viewportOf(store, interval));
}

/** The interval with some room around it. */
function viewportOf(store: Store, { startUs, endUs }: Viewport): Viewport {
  const { nowUs } = store.state;
  const end = Math.min(endUs, Math.max(nowUs, startUs));
  return clamp(zoomTo({ startUs, endUs: end }, store.extent), store.extent);
}

/** @param factor above 1 to see more time, below 1 to see less */
export function zoomAbout(store: Store, factor: number, aboutUs: number): void {
  look(store, zoom(store.state.viewport, factor, aboutUs, store.extent));
}

/** @param share of what is seen */
export function panBy(store: Store, share: number): void {
  const { viewport } = store.state;
  look(store, pan(viewport, spanOf(viewport) * share, store.extent));
}

/** Selects, and moves to where it is if that is out of sight. */
export function select(store: Store, item: Item | undefined): void {
  if (item === undefined) {
    store.update({ selection: undefined });
    return;
  }
  const { viewport, nowUs } = store.state;
  const { startUs, endUs } = item;
  const seen = reveal(viewport, { startUs, endUs: Math.min(endUs, nowUs) }, store.extent);
  store.update({ selection: item.id, viewport: seen, ...(seen !== viewport && { follow: false }) });
}

/** Whoever looks away from what happens now does not want to be taken back to it. */
export function look(store: Store, wanted: Viewport): void {
  const { follow, nowUs } = store.state;
  const viewport = clamp(wanted, store.extent);
  store.update({ viewport, follow: follow && viewport.endUs >= nowUs });
}
