/** Where the lengths of the standstills are written, above the lanes: in one line, not over each other. */

/** All in pixels. */
export interface FlagWish {
  /** Of the standstill; it may be out of sight. */
  readonly left: number;
  readonly right: number;
  /** Of its text, in full and in short. */
  readonly widths: readonly [full: number, short: number];
}

export interface Flag {
  readonly wish: FlagWish;
  /** Of the text. */
  readonly x: number;
  readonly isShort: boolean;
  /** Where the standstill is from it; `out-left` and `out-right` are beyond the edge. */
  readonly place: 'inside' | 'beside' | 'out-left' | 'out-right';
}

/** Between a standstill and the text beside it. */
const distance = 6;
/** Around a text within its standstill, both sides together. */
const air = 12;
/** Between two texts. */
const space = 8;

/**
 * Those in sight come first; of those beyond an edge the nearest one is told. What finds no room is
 * left out: its column is still to be seen.
 * @param wishes from left to right
 */
export function placeFlags(
  wishes: readonly FlagWish[],
  leftEdge: number,
  rightEdge: number,
): readonly Flag[] {
  const flags: Flag[] = [];
  const isFree = (wish: FlagWish, x: number, width: number) =>
    x >= leftEdge &&
    x + width <= rightEdge &&
    flags.every((flag) => x >= endOf(flag) + space || x + width + space <= flag.x) &&
    wishes.every((other) => other === wish || other.right < x || other.left > x + width);
  const place = (
    wish: FlagWish,
    candidates: (width: number) => readonly Pick<Flag, 'x' | 'place'>[],
  ) => {
    for (const [index, width] of wish.widths.entries()) {
      const found = candidates(width).find(({ x }) => isFree(wish, x, width));
      if (found === undefined) continue;
      flags.push({ ...found, wish, isShort: index === 1 });
      return;
    }
  };
  const [before, seen, behind] = [
    wishes.filter(({ right }) => right < leftEdge),
    wishes.filter(({ left, right }) => right >= leftEdge && left <= rightEdge),
    wishes.filter(({ left }) => left > rightEdge),
  ];
  for (const wish of seen) {
    const [from, to] = [Math.max(wish.left, leftEdge), Math.min(wish.right, rightEdge)];
    place(wish, (width) => [
      ...(to - from > width + air
        ? [{ x: (from + to - width) / 2, place: 'inside' } as const]
        : []),
      { x: to + distance, place: 'beside' },
      { x: from - distance - width, place: 'beside' },
    ]);
  }
  const [lastBefore, firstBehind] = [before.at(-1), behind[0]];
  if (lastBefore) place(lastBefore, () => [{ x: leftEdge, place: 'out-left' }]);
  if (firstBehind) place(firstBehind, (width) => [{ x: rightEdge - width, place: 'out-right' }]);
  return flags;
}

function endOf({ x, wish: { widths }, isShort }: Flag): number {
  return x + widths[isShort ? 1 : 0];
}
