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
 * @property {string} [mode]
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
 * From STOP at the source to RESUME at the target, by the times that QEMU itself gives, in ms.
 * @param {readonly TraceRecord[]} trace
 * @returns {number} NaN if the guest did not stop and resume
 */
export function downtimeMs(trace) {
  const source = trace.find(({ type }) => type === 'plan')?.from?.id;
  const events = trace.filter(({ type, kind }) => type === 'qmp' && kind === 'event');
  const stop = events.findLast(({ name, instance }) => name === 'STOP' && instance === source);
  const resume = events.findLast(({ name, instance }) => name === 'RESUME' && instance !== source);
  return ((resume?.at ?? NaN) - (stop?.at ?? NaN)) / 1000;
}
