/** What the trace of a migration says of its end: docs/trace.md. */
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} TraceRecord
 * @property {number} at µs since the epoch
 * @property {string} type
 * @property {number} [instance]
 * @property {string} [kind]
 * @property {string} [name]
 * @property {string} [outcome]
 * @property {{ id: number }} [from]
 */

/** @returns {TraceRecord[]} */
export function readTrace(/** @type {string} */ path) {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/**
 * How the migration ended, and how long the guest stood still: from STOP at the source to RESUME at
 * the target, by the times that QEMU itself gives; NaN if it did not.
 */
export function summarize(/** @type {readonly TraceRecord[]} */ trace) {
  const source = trace.find(({ type }) => type === 'plan')?.from?.id;
  const events = trace.filter(({ type, kind }) => type === 'qmp' && kind === 'event');
  const stop = events.findLast(({ name, instance }) => name === 'STOP' && instance === source);
  const resume = events.findLast(({ name, instance }) => name === 'RESUME' && instance !== source);
  return {
    outcome: trace.findLast(({ type }) => type === 'verdict')?.outcome,
    downtimeMs: ((resume?.at ?? NaN) - (stop?.at ?? NaN)) / 1000,
  };
}
