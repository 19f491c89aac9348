import { asSidestepError } from '../../engine/errors';
import { chooseDomain, traceLogs } from '../../engine/libvirt-log/trace-logs';
import { surveyLogs } from '../../engine/libvirt-log/survey';
import { TraceWriter } from '../../engine/trace/file';
import type { TraceRecord } from '../../engine/trace/record';
import { summarize } from '../../engine/trace/summary';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { isOfSummary, TracePrinter, traceResult } from '../output/trace-printer';
import { newTraceFile } from '../trace-file';

export const log = defineCommand({
  name: 'log',
  summary: "Print the QMP traffic in libvirt's log as a trace",
  operands: ['FILE', '[FILE]'],
  options: {
    domain: { value: 'NAME', help: 'the domain, where the log tells of several' },
    trace: { value: 'FILE', help: 'write the trace to this new file as well' },
  },
  help: `FILE is a log that libvirtd or virtqemud has written itself, with the log filter
"1:qemu.qemu_monitor" at least. "1:qemu.qemu_domain 1:qemu.qemu_process" tell of processes,
"1:qemu.qemu_migration 1:util.threadjob" of the phases of migrations. A second FILE is the log of
the other host of a migration, in either order.`,
  async run({ values, operands }, context) {
    const host = await context.host();
    const paths = operands.map((path) => context.path(path));
    return cancellable(async (signal) => {
      const survey = await surveyLogs(host, paths, { signal });
      const domain = chooseDomain(survey, values.domain);
      const file =
        values.trace === undefined
          ? undefined
          : await newTraceFile(host, context.path(values.trace));
      const failures: unknown[] = [];
      const writer =
        file && new TraceWriter(Promise.resolve(file.file), (error) => failures.push(error));
      const printer = values.json ? undefined : new TracePrinter(context.terminal);
      const kept: TraceRecord[] = [];
      try {
        await traceLogs(
          host,
          survey,
          domain,
          (record) => {
            if (values.json || isOfSummary(record)) kept.push(record);
            printer?.print([record]);
            writer?.listener(record);
          },
          { signal: AbortSignal.any([signal, context.terminal.closed]) },
        );
      } finally {
        await writer?.close();
        await file?.discardIfEmpty();
      }
      const [failure] = failures;
      if (failure !== undefined) throw asSidestepError(failure);
      return traceResult(summarize(kept), kept);
    });
  },
});
