/** One or two logs of libvirt, of both sides of a migration between hosts, as one trace. */
import type { Host } from '../../host/host';
import { readParts } from '../../host/read-parts';
import type { LogEntry } from '../../libvirt/log/entries';
import { LogReader } from '../../libvirt/log/log-reader';
import { SidestepError } from '../errors';
import { traceVersion } from '../trace/record';
import { Trace, type TraceListener } from '../trace/trace';
import { LogTrace } from './log-trace';
import type { LoggedDomain, LogReading, LogSurvey } from './survey';

/**
 * The domain to show: the one that is asked for, or the only one.
 * @throws SidestepError `LOG_HAS_NO_QMP`, `LOG_HAS_NO_SUCH_DOMAIN`, `LOG_HAS_MANY_DOMAINS`
 */
export function chooseDomain({ domains, paths }: LogSurvey, name?: string): LoggedDomain {
  const [first, second] = domains;
  const where = paths.join(' and ');
  if (first === undefined) {
    throw new SidestepError('LOG_HAS_NO_QMP', `There is no QMP message of a domain in ${where}.`, {
      hint: 'Give a log that libvirtd has written itself, with the filter "1:qemu.qemu_monitor" at least; what lies in the journal has to be listened to while it happens.',
      ...(paths[0] !== undefined && { path: paths[0] }),
    });
  }
  const names = domains.map((domain) => domain.name).join(', ');
  if (name !== undefined) {
    const chosen = domains.find((domain) => domain.name === name);
    if (chosen !== undefined) return chosen;
    throw new SidestepError('LOG_HAS_NO_SUCH_DOMAIN', `There is no domain "${name}" in ${where}.`, {
      hint: `There are: ${names}.`,
    });
  }
  if (second === undefined) return first;
  throw new SidestepError(
    'LOG_HAS_MANY_DOMAINS',
    `There are ${domains.length} domains in ${where}.`,
    {
      hint: `Name one of them: ${names}.`,
    },
  );
}

/**
 * Tells the logs of a domain as a trace, record by record; memory does not depend on their size.
 * @throws HostError if a log cannot be read
 */
export async function traceLogs(
  host: Pick<Host, 'files' | 'name'>,
  { paths, hostnames }: LogSurvey,
  { name, uuid, since }: LoggedDomain,
  listener: TraceListener,
  reading: LogReading = {},
): Promise<void> {
  let now = since;
  const trace = new Trace(() => now);
  trace.listen(listener);
  trace.add({
    type: 'header',
    version: traceVersion,
    host: hostnames.length === 0 ? host.name : hostnames.join(', '),
    domain: name,
    uuid,
    origin: 'libvirt',
  });
  const logTrace = new LogTrace(trace);
  for await (const { log, entry } of inOrder(host, paths, name, reading)) {
    now = entry.at;
    logTrace.hear(log, entry);
  }
  logTrace.end();
}

interface Told {
  /** Index of the log. */
  readonly log: number;
  readonly entry: LogEntry;
}

/** What each log tells of the domain, the earliest first. */
async function* inOrder(
  host: Pick<Host, 'files'>,
  paths: readonly string[],
  domain: string,
  { signal, onProgress }: LogReading,
): AsyncGenerator<Told, void> {
  let read = 0;
  const onPart = (size: number) => {
    read += size;
    onProgress?.(read);
  };
  const logs = await Promise.all(
    paths.map(async (path, log) => {
      const batches = batchesOf(readParts(host, path, { signal }), domain, onPart);
      return { log, batches, batch: await nextBatch(batches), index: 0 };
    }),
  );
  for (;;) {
    let first: (typeof logs)[number] | undefined;
    for (const log of logs) {
      const at = log.batch[log.index]?.at ?? Infinity;
      if (at < (first?.batch[first.index]?.at ?? Infinity)) first = log;
    }
    const entry = first?.batch[first.index];
    if (first === undefined || entry === undefined) return;
    yield { log: first.log, entry };
    if (++first.index < first.batch.length) continue;
    first.batch = await nextBatch(first.batches);
    first.index = 0;
  }
}

/** Of a log's end empty. */
async function nextBatch(
  batches: AsyncGenerator<readonly LogEntry[], void>,
): Promise<readonly LogEntry[]> {
  const { value } = await batches.next();
  return value ?? [];
}

/** What each part of a log tells of the domain, if it tells anything. */
async function* batchesOf(
  parts: AsyncIterable<Buffer>,
  domain: string,
  onPart: (size: number) => void,
): AsyncGenerator<readonly LogEntry[], void> {
  let batch: LogEntry[] = [];
  const reader = new LogReader({
    onEntry(entry) {
      if (entry.domain === domain) batch.push(entry);
    },
  });
  for await (const part of parts) {
    reader.read(part);
    onPart(part.length);
    if (batch.length === 0) continue;
    yield batch;
    batch = [];
  }
  reader.end();
  yield batch;
}
