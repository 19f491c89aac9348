/** A host that counts what is asked of it: each call is one round trip. */
import type { Host } from '../../src/host/host';

/** What costs a round trip on a host far away. */
const roundTrips: ReadonlySet<string | symbol> = new Set<keyof Host>([
  ...(['run', 'files', 'openAppend', 'converse', 'connect', 'waitForListener'] as const),
  ...(['start', 'inspect', 'signal', 'waitForExit', 'lock'] as const),
]);

/** @returns the same host, and the names of the calls since it was last asked */
export function countingHost(host: Host): { host: Host; calls: () => string[] } {
  const made: string[] = [];
  const counting = new Proxy(host, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (roundTrips.has(name)) made.push(String(name));
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { host: counting, calls: () => made.splice(0) };
}
