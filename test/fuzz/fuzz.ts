/**
 * What every fuzz test is made of: a property that is tried with a few inputs by `npm test`, always the
 * same ones, and with as many as there is time for, always others, by `npm run test:fuzz`.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';

/** Of all properties together; without it each has its few runs. */
const minutes = Number(process.env['SIDESTEP_FUZZ_MINUTES'] ?? 0);
/** Of a failure of the long run, as it was told. */
const seed = process.env['SIDESTEP_FUZZ_SEED'];

/** Most that one input may take, in ms of our processor: a machine that is busy changes nothing. */
const longestMs = 2_000;

let properties = 0;

/** Declares a test: `check` holds for whatever `inputs` gives, and soon. */
export function fuzz<T>(
  what: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => unknown,
  runs = 150,
): void {
  properties++;
  it(what, async function () {
    const ms = (minutes * 60_000) / properties;
    this.timeout(ms + 60_000);
    const property = fc.asyncProperty(inputs, async (input) => {
      const before = process.cpuUsage();
      await check(input);
      const { user, system } = process.cpuUsage(before);
      const took = Math.round((user + system) / 1000);
      assert.ok(took < longestMs, `took ${took} ms`);
    });
    const isLong = minutes > 0;
    await fc.assert(property, {
      ...(isLong ? { numRuns: Infinity, interruptAfterTimeLimit: ms } : { numRuns: runs }),
      ...(seed !== undefined ? { seed: Number(seed) } : !isLong && { seed: 1 }),
    });
  });
}

/** Does it, and lets it fail with this kind of error only. */
export function failingOnlyAs<T>(
  kinds: readonly (abstract new (...args: never[]) => Error)[],
  action: () => T,
): T | undefined {
  try {
    return action();
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}
