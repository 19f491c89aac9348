/** Labels of one line, as many as there is room for, the most important ones first. */
import { isFailed, type Item } from './items';

export interface Label {
  readonly item: Item;
  readonly text: string;
  readonly x: number;
  readonly width: number;
  readonly priority: number;
}

/** Room between two labels, in pixels. */
const space = 8;

/**
 * What would run over the right edge is moved to the left of it.
 * @returns those that do not overlap, from left to right
 */
export function placeLabels(wanted: Label[], leftEdge: number, rightEdge: number): Label[] {
  const placed: Label[] = [];
  wanted.sort((a, b) => b.priority - a.priority || a.x - b.x);
  for (const wish of wanted) {
    const x = Math.min(wish.x, rightEdge - wish.width);
    if (x < leftEdge) continue;
    const label = x === wish.x ? wish : { ...wish, x };
    const index = indexFrom(placed, label.x);
    const [before, after] = [placed[index - 1], placed[index]];
    if (before !== undefined && before.x + before.width + space > label.x) continue;
    if (after !== undefined && label.x + label.width + space > after.x) continue;
    placed.splice(index, 0, label);
  }
  return placed;
}

/** What one looks for in a migration is named first. */
const milestones: ReadonlySet<string> = new Set([
  'STOP',
  'RESUME',
  'SHUTDOWN',
  'MIGRATION',
  'migrate',
  'migrate-incoming',
  'migrate_cancel',
  'quit',
]);

export function priorityOf(item: Item): number {
  if (isFailed(item)) return 4;
  if (item.kind === 'event' || item.kind === 'exchange') {
    if (item.name === 'STOP' || item.name === 'RESUME') return 3;
    return milestones.has(item.name) ? 2 : 1;
  }
  // Of the moves between tables the one that hands the domain over says more than who leaves.
  if (item.kind === 'table') return item.from !== undefined && item.to !== undefined ? 2 : 1;
  return item.kind === 'warning' || item.kind === 'verdict' ? 2 : 1;
}

function indexFrom(placed: readonly Label[], x: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((placed[middle]?.x ?? Infinity) >= x) high = middle;
    else low = middle + 1;
  }
  return low;
}
