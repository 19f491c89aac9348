const longestMs = 30_000;

/**
 * How long to wait before trying again, in ms: 1, 2, 4 ... 30 s, less up to a quarter, so that not
 * all who lost a host come back to it at the same moment.
 * @param attempt from 1
 * @param jitter from 0 (none) to 1: a random number
 */
export function reconnectDelay(attempt: number, jitter: number): number {
  const delay = Math.min(1000 * 2 ** (attempt - 1), longestMs);
  return Math.round(delay * (1 - jitter / 4));
}
