import { asSidestepError, SidestepError } from '../../engine/errors';
import { readTrace, TraceReader } from '../../engine/trace/file';
import type { TraceRecord } from '../../engine/trace/record';
import { summarize } from '../../engine/trace/summary';
import type { Disposable, Host } from '../../host/host';
import { defineCommand } from '../command';
import type { Context } from '../context';
import { cancellable } from '../interrupt';
import { TracePrinter, traceResult } from '../output/trace-printer';
import { UsageError } from '../usage-error';

export const trace = defineCommand({
  name: 'trace',
  summary: 'Print the trace of a migration as a table',
  operands: ['[FILE]'],
  options: {
    domain: {
      value: 'DOMAIN',
      help: 'in place of FILE: of the migration that this domain has under way, whoever began it',
    },
    follow: { help: 'read on while the file grows, until the verdict; a new file is waited for' },
  },
  help: `One line for each record: time since the migration was asked for, phase, instance, what happened.
-> is sent to QEMU, <- comes from it. On a terminal lines are cut to its width; --json has all.`,
  async run({ values, operands: [file] }, context) {
    const host = await context.host();
    const path = await pathOf(context, file, values.domain);
    const printer = values.json ? undefined : new TracePrinter(context.terminal);
    const records = values.follow
      ? await cancellable((signal) =>
          follow(host, path, AbortSignal.any([signal, context.terminal.closed]), printer),
        )
      : await readWhole(host, path, printer);
    return traceResult(summarize(records), records);
  },
});

async function pathOf(
  context: Context,
  file: string | undefined,
  domain: string | undefined,
): Promise<string> {
  if ((file === undefined) === (domain === undefined)) {
    throw new UsageError('trace needs either FILE or --domain DOMAIN.');
  }
  if (domain === undefined) return context.path(file ?? '');
  return (await context.engine({ recovers: false })).traceUnderWay(domain);
}

async function readWhole(
  host: Host,
  path: string,
  printer: TracePrinter | undefined,
): Promise<TraceRecord[]> {
  const [data] = await host.files([{ op: 'read', path }]);
  if (data === undefined) {
    throw new SidestepError('TRACE_MISSING', `There is no file ${path}.`, {
      path,
      hint: '`sidestep migrate` says where it has written the trace.',
    });
  }
  const records = readTrace(data.toString(), path);
  printer?.print(records);
  return records;
}

/** Reads on until the verdict, or until the signal aborts. */
async function follow(
  host: Host,
  path: string,
  signal: AbortSignal,
  printer: TracePrinter | undefined,
): Promise<TraceRecord[]> {
  // A file that cannot be read says so here; the watch would wait for it.
  await host.files([{ op: 'read', path }]);
  const records: TraceRecord[] = [];
  const reader = new TraceReader(path);
  let watch: Disposable | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => {
        resolve();
      });
      watch = host.watchGrowth(path, 0, (data) => {
        try {
          const news = [...reader.read(data)];
          if (news.length === 0) return;
          records.push(...news);
          printer?.print(news);
          if (news.some(({ type }) => type === 'verdict')) resolve();
        } catch (error) {
          reject(asSidestepError(error));
        }
      });
    });
  } finally {
    watch?.dispose();
  }
  return records;
}
