/**
 * Which cases of a matrix are run: a seeded sample, or all of them. The sample is always the same one if no
 * seed is given: a change is judged by what passed before it.
 */
const { SIDESTEP_FAULTS: wanted, SIDESTEP_SEED: given } = process.env;

export interface Chosen<Case> {
  readonly cases: readonly Case[];
  /** For the title: how many of how many, and the seed to have the same ones again. */
  readonly words: string;
}

/** @param kinds cases of each fault; of each there come as many as of any other */
export function choose<Case>(
  kinds: readonly (readonly Case[])[],
  countByDefault: number,
): Chosen<Case> {
  const all = kinds.flat();
  const seed = Number(given ?? 1);
  const cases = wanted === 'all' ? all : sample(kinds, seed, Number(wanted ?? countByDefault));
  return { cases, words: `${cases.length} of ${all.length} (seed ${seed})` };
}

function sample<Case>(
  kinds: readonly (readonly Case[])[],
  seed: number,
  count: number,
): readonly Case[] {
  const random = generator(seed);
  const decks = kinds.map((cases) => shuffled(cases, random));
  const rounds = Math.max(...decks.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    shuffled(
      decks.flatMap((deck) => deck.slice(round, round + 1)),
      random,
    ),
  )
    .flat()
    .slice(0, count);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
