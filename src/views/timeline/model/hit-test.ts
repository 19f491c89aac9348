/** What is under the pointer, and what comes next to it. */
import type { Item } from './items';
import type { Lane, Layout, Strip } from './layout';
import { toUs, toX, type TimeScale } from './time-scale';

/** How far beside a narrow item the pointer still means it, in pixels. */
export const reach = 5;

/** @param nowUs where what is under way ends for now */
export function itemAt(
  layout: Layout,
  scale: TimeScale,
  nowUs: number,
  x: number,
  y: number,
): Item | undefined {
  if (x < scale.left) return undefined;
  for (const lane of layout.lanes) {
    if (y < lane.top || y >= lane.top + lane.height) continue;
    const strip = lane.strips.find(({ top, height }) => y >= top - 1 && y < top + height + 1);
    return strip && nearest(strip, scale, nowUs, x)?.item;
  }
  return undefined;
}

function nearest(
  { track }: Strip,
  scale: TimeScale,
  nowUs: number,
  x: number,
): { item: Item; distance: number } | undefined {
  const around = track.indexAfter(toUs(scale, x));
  let best: { item: Item; distance: number } | undefined;
  for (const item of [track.items[around - 1], track.items[around]]) {
    if (item === undefined) continue;
    const distance = distanceTo(item, scale, nowUs, x);
    if (distance <= reach && distance < (best?.distance ?? Infinity)) best = { item, distance };
  }
  return best;
}

function distanceTo(item: Item, scale: TimeScale, nowUs: number, x: number): number {
  const left = toX(scale, item.startUs);
  const right = Math.max(toX(scale, Math.min(item.endUs, nowUs)), left);
  return Math.max(left - x, x - right, 0);
}

export function laneOf(layout: Layout, item: Item): Lane | undefined {
  return layout.lanes.find(({ strips }) => strips.some(({ track }) => track.indexOf(item) >= 0));
}

/** The item before or after this one in its lane. */
export function neighbour(layout: Layout, item: Item, step: -1 | 1): Item | undefined {
  const lane = laneOf(layout, item);
  if (lane === undefined) return undefined;
  const items = itemsOf(lane);
  return items[items.indexOf(item) + step];
}

/** The item of the next lane up or down that is nearest in time. */
export function across(layout: Layout, item: Item, step: -1 | 1): Item | undefined {
  const lane = laneOf(layout, item);
  if (lane === undefined) return undefined;
  for (let i = layout.lanes.indexOf(lane) + step; ; i += step) {
    const next = layout.lanes[i];
    if (next === undefined) return undefined;
    const found = closest(itemsOf(next), item.startUs);
    if (found !== undefined) return found;
  }
}

/** What goes on at this time, else what is nearest to it. */
export function closest(items: readonly Item[], us: number): Item | undefined {
  let best: Item | undefined;
  let least = Infinity;
  for (const item of items) {
    const distance = Math.max(item.startUs - us, us - item.endUs, 0);
    if (distance > least) continue;
    best = item;
    least = distance;
  }
  return best;
}

/** Of all rows, in the order of time. */
function itemsOf({ strips }: Lane): readonly Item[] {
  const [only, ...others] = strips.map(({ track }) => track.items);
  if (only === undefined || others.length === 0) return only ?? [];
  return [only, ...others].flat().sort((a, b) => a.startUs - b.startUs || a.id - b.id);
}
