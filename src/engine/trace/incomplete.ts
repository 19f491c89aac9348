import { asSidestepError } from '../errors';
import type { TraceEntry } from './trace';

/** What is said when a trace can no longer be written. */
export function traceIncomplete(path: string, error: unknown): TraceEntry {
  return {
    type: 'warning',
    code: 'TRACE_INCOMPLETE',
    message: `The trace ${path} could not be written to its end: ${asSidestepError(error).message}`,
  };
}
