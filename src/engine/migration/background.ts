/** Begins something that a later step awaits: until then its failure is not unhandled. */
export function inBackground<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
