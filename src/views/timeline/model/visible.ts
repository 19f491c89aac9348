/** What of a strip is to be drawn: items too close to be told apart are drawn as one. */
import { isFailed, type Item } from './items';
import { priorityOf } from './labels';
import type { Strip } from './layout';
import { toX, type TimeScale } from './time-scale';
import { firstFrom } from './track';

/** An item, or several that fall together. One object is used over and over: copy what you keep. */
export interface Shape {
  /** Of several the most important one. */
  item: Item;
  x: number;
  width: number;
  count: number;
  failed: boolean;
}

/** Narrower bars are drawn this wide, in pixels, so that nothing is lost from sight. */
export const narrowest = 1.5;

/** Marks closer than this, in pixels, are one. */
const markDistance = 3;

/** Marks reach this far to their sides, in pixels. */
const markReach = 8;

/**
 * Takes as many steps as there are shapes, not as there are items.
 * @param nowUs where what is under way ends for now
 * @param draw called from left to right
 */
export function eachVisible(
  { track, shape: kind }: Strip,
  scale: TimeScale,
  nowUs: number,
  draw: (shape: Readonly<Shape>) => void,
): void {
  const { items, notable } = track;
  const { pixelsPerUs, viewport } = scale;
  const isBar = kind === 'bar';
  const reachUs = (isBar ? narrowest : markReach) / pixelsPerUs;
  const togetherUs = (isBar ? narrowest : markDistance) / pixelsPerUs;
  const widthOf = ({ startUs, endUs }: Item) =>
    isBar ? Math.max((Math.min(endUs, nowUs) - startUs) * pixelsPerUs, narrowest) : 0;

  const firstUs = viewport.startUs - reachUs;
  const lastUs = viewport.endUs + (isBar ? 0 : reachUs);
  let next = isBar ? track.indexReaching(firstUs) : track.indexFrom(firstUs);
  let nextNotable = firstFrom(notable, items[next]?.startUs ?? Infinity);
  let shape: Shape | undefined;
  for (let first = items[next]; first !== undefined; first = items[next]) {
    if (first.startUs > lastUs) break;
    const width = widthOf(first);
    let end = next + 1;
    if (!isBar || width <= narrowest) {
      end = track.indexFrom(first.startUs + togetherUs, end);
      // Of bars, which do not overlap, only the last one can be wide: it is drawn by itself.
      const last = items[end - 1];
      if (end > next + 1 && last !== undefined && widthOf(last) > narrowest) end--;
    }
    shape ??= { item: first, x: 0, width: 0, count: 0, failed: false };
    shape.item = first;
    shape.x = toX(scale, first.startUs);
    shape.width = width;
    shape.count = end - next;
    shape.failed = false;
    nextNotable = takeNotable(shape, notable, nextNotable, items[end]);
    draw(shape);
    next = end;
  }
}

/** @returns index of the first notable item behind those of the shape, which begins with its item */
function takeNotable(
  shape: Shape,
  notable: readonly Item[],
  from: number,
  behind: Item | undefined,
): number {
  const first = shape.item;
  let rank = 0;
  let index = from;
  for (; index < notable.length; index++) {
    const item = notable[index];
    if (item === undefined || (behind !== undefined && !isBefore(item, behind))) break;
    if (isBefore(item, first)) continue;
    shape.failed ||= isFailed(item);
    const itemRank = priorityOf(item);
    if (itemRank <= rank) continue;
    shape.item = item;
    rank = itemRank;
  }
  return index;
}

/** As tracks are sorted: items get their ids in the order they are added. */
function isBefore(a: Item, b: Item): boolean {
  return a.startUs < b.startUs || (a.startUs === b.startUs && a.id < b.id);
}
