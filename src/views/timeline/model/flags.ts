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
  /** Where its text is: in the standstill, at it, or at the edge that it is beyond. */
  readonly place: 'inside' | 'beside' | 'edge';
}

interface Edges {
  readonly left: number;
  readonly right: number;
}

/** Between a standstill and the text beside it. */
const distance = 6;
/** Around a text within its standstill, both sides together. */
const air = 12;
/** Between two texts. */
const space = 8;

/**
 * Those in sight come first, all in short if there is no room for all in full; of those beyond an
 * edge the nearest one is told. What finds no room is left out: its column is still to be seen.
 * @param wishes from left to right
 */
export function placeFlags(wishes: readonly FlagWish[], edges: Edges): readonly Flag[] {
  const seen = wishes.filter(({ left, right }) => right >= edges.left && left <= edges.right);
  const inFull = placeSeen(seen, edges, false);
  const flags = inFull.length === seen.length ? inFull : placeSeen(seen, edges, true);
  const before = wishes.findLast(({ right }) => right < edges.left);
  const behind = wishes.find(({ left }) => left > edges.right);
  for (const wish of [before, behind]) {
    if (wish === undefined) continue;
    for (const isShort of [false, true]) {
      const x = wish === before ? edges.left : edges.right - widthOf(wish, isShort);
      const flag = { wish, x, isShort, place: 'edge' } as const;
      if (!isFree(flag, seen, flags, edges)) continue;
      flags.push(flag);
      break;
    }
  }
  return flags;
}

function placeSeen(seen: readonly FlagWish[], edges: Edges, isShort: boolean): Flag[] {
  const flags: Flag[] = [];
  for (const wish of seen) {
    const width = widthOf(wish, isShort);
    const [from, to] = [Math.max(wish.left, edges.left), Math.min(wish.right, edges.right)];
    const candidates = [
      ...(to - from > width + air
        ? [{ x: (from + to - width) / 2, place: 'inside' } as const]
        : []),
      { x: to + distance, place: 'beside' } as const,
      { x: from - distance - width, place: 'beside' } as const,
    ];
    const flag = candidates
      .map((candidate) => ({ ...candidate, wish, isShort }))
      .find((candidate) => isFree(candidate, seen, flags, edges));
    if (flag !== undefined) flags.push(flag);
  }
  return flags;
}

/** Whether it is within the edges, over no other text and over no other standstill. */
function isFree(
  flag: Flag,
  seen: readonly FlagWish[],
  flags: readonly Flag[],
  { left, right }: Edges,
): boolean {
  const [from, to] = [flag.x, endOf(flag)];
  return (
    from >= left &&
    to <= right &&
    flags.every((other) => from >= endOf(other) + space || to + space <= other.x) &&
    seen.every((other) => other === flag.wish || other.right < from || other.left > to)
  );
}

const widthOf = ({ widths }: FlagWish, isShort: boolean) => widths[isShort ? 1 : 0];
const endOf = ({ wish, x, isShort }: Flag) => x + widthOf(wish, isShort);
