/** The traces of past migrations on a host. */
import { basename, dirname } from 'node:path';
import type { Micros } from '../../host/host';
import { SidestepError } from '../errors';
import { readJournal } from '../migration/journal';
import type { StateFolder } from '../state/state-folder';
import { traceExtension } from '../trace/record';

/** What a trace's name tells. */
export interface TraceName {
  readonly path: string;
  /** The domain's name, with `_` for what does not suit a file's name, and cut if it is long. */
  readonly domain: string;
  /** The instance that the migration left. */
  readonly source: number;
  /** When the migration was asked for, to the second. */
  readonly at: Micros;
}

export interface TraceFile extends TraceName {
  /** Bytes. */
  readonly size: number;
}

const pattern =
  /^(?<date>\d{4})(?<month>\d\d)(?<day>\d\d)T(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)Z-(?<domain>.*)-(?<source>\d+)$/;

/** The name of the trace of a migration that is asked for at this time. */
export function traceFileName(at: Micros, domain: string, source: number): string {
  const time = new Date(at / 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = domain.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, 40);
  return `${time}-${name}-${source}${traceExtension}`;
}

/** The inverse, as far as it goes; undefined for a file that is not named as traces are. */
export function traceNamed(path: string): TraceName | undefined {
  if (!path.endsWith(traceExtension)) return undefined;
  const groups = pattern.exec(basename(path, traceExtension))?.groups;
  if (groups === undefined) return undefined;
  const { date = '', month = '', day = '', hour = '', minute = '', second = '' } = groups;
  const time = Date.parse(`${date}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return {
    path,
    domain: groups['domain'] ?? '',
    source: Number(groups['source']),
    at: time * 1000,
  };
}

/** Newest first. */
export async function listTraces(state: StateFolder, signal?: AbortSignal): Promise<TraceFile[]> {
  const [names] = await state.host.files([{ op: 'list', path: state.traceFolder }]);
  signal?.throwIfAborted();
  const traces = names.flatMap((name) => traceNamed(state.tracePath(name)) ?? []);
  const stats = await state.host.files(traces.map(({ path }) => ({ op: 'stat', path }) as const));
  return traces
    .flatMap((trace, index) => {
      const size = stats[index]?.size;
      // One that was removed meanwhile.
      return size === undefined ? [] : [{ ...trace, size }];
    })
    .sort((a, b) => b.at - a.at);
}

/** @throws SidestepError `NOT_A_TRACE`, `TRACE_IN_USE` */
export async function removeTrace(state: StateFolder, path: string): Promise<void> {
  if (dirname(path) !== state.traceFolder || traceNamed(path) === undefined) {
    throw new SidestepError('NOT_A_TRACE', `${path} is no trace in the state folder.`, {
      hint: 'Remove it by hand if you mean to.',
      path,
    });
  }
  const { journals } = await state.read();
  const isWritten = [...journals.values()]
    .flatMap(readJournal)
    .some((entry) => entry.kind === 'begin' && entry.trace === path);
  if (isWritten) {
    throw new SidestepError('TRACE_IN_USE', `${path} is the trace of a migration under way.`, {
      hint: 'Remove it when that has ended.',
      path,
    });
  }
  await state.host.files([{ op: 'remove', path }]);
}
