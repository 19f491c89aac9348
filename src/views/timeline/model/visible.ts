/** What of a strip is to be drawn: items too close to be told apart are drawn as one. */
import { isFailed, type Item } from './items';
import { priorityOf } from './labels';
import type { Strip } from './layout';
import { toX, type TimeScale } from './time-scale';

/** An item, or several that fall together. One object is used over and over: copy what you keep. */
export interface Shape {
  /** Of several: the most important one, and of these the longest. */
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

/**
 * @param nowUs where what is under way ends for now
 * @param draw called from left to right
 */
export function eachVisible(
  { track, shape: kind }: Strip,
  scale: TimeScale,
  nowUs: number,
  draw: (shape: Readonly<Shape>) => void,
): void {
  const { viewport, left, width } = scale;
  const { items } = track;
  const isBar = kind === 'bar';
  const reach = (isBar ? narrowest : 8) / scale.pixelsPerUs;
  let index = isBar
    ? track.indexReaching(viewport.startUs - reach)
    : track.indexFrom(viewport.startUs - reach);
  const lastX = left + width + (isBar ? 0 : 8);
  let shape: Shape | undefined;
  let longest = 0;
  let rank = 0;
  for (; index < items.length; index++) {
    const item = items[index];
    if (item === undefined) break;
    const x = toX(scale, item.startUs);
    if (x > lastX) break;
    const duration = Math.max(Math.min(item.endUs, nowUs) - item.startUs, 0);
    const itemWidth = isBar ? Math.max(duration * scale.pixelsPerUs, narrowest) : 0;
    const failed = isFailed(item);
    const joins =
      shape !== undefined &&
      (isBar
        ? itemWidth <= narrowest && shape.width <= narrowest * 2 && x < shape.x + shape.width
        : x - shape.x < markDistance);
    if (shape !== undefined && joins) {
      shape.count++;
      shape.width = Math.max(shape.width, x + itemWidth - shape.x);
      const itemRank = priorityOf(item);
      if (itemRank > rank || (itemRank === rank && duration > longest)) {
        shape.item = item;
        longest = duration;
        rank = itemRank;
      }
      shape.failed ||= failed;
      continue;
    }
    if (shape !== undefined) {
      draw(shape);
      shape.item = item;
      shape.x = x;
      shape.width = itemWidth;
      shape.count = 1;
      shape.failed = failed;
    } else {
      shape = { item, x, width: itemWidth, count: 1, failed };
    }
    longest = duration;
    rank = priorityOf(item);
  }
  if (shape !== undefined) draw(shape);
}
