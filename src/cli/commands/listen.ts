import type { TraceRecord } from '../../engine/trace/record';
import { summarize } from '../../engine/trace/summary';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { isOfSummary, TracePrinter, traceResult } from '../output/trace-printer';
import { newTraceFile } from '../trace-file';
import { connectOptions } from './named-domain';

export const listen = defineCommand({
  name: 'listen',
  summary: "Print the QMP traffic of libvirt's domain while it happens",
  operands: ['DOMAIN'],
  options: {
    ...connectOptions,
    trace: { value: 'FILE', help: 'write the trace to this new file, not to the state folder' },
  },
  help: `DOMAIN is a name or a UUID of a domain that libvirt has; --connect says of which libvirt. Neither the
domain nor libvirt is started anew: libvirt's daemon logs more while it is listened to, and what it has
logged before afterwards. Ctrl-C ends it.`,
  async run({ values, operands: [domain = ''] }, context) {
    const engine = await context.engine();
    const { terminal } = context;
    const file =
      values.trace === undefined
        ? undefined
        : await newTraceFile(engine.host, context.path(values.trace));
    const printer = values.json ? undefined : new TracePrinter(terminal);
    const kept: TraceRecord[] = [];
    try {
      const path = await cancellable((signal) =>
        engine.listen(values.connect === undefined ? domain : { uri: values.connect, domain }, {
          signal: AbortSignal.any([signal, terminal.closed]),
          trace: file,
          onRecord(record) {
            if (values.json || isOfSummary(record)) kept.push(record);
            printer?.print([record]);
          },
          onListening(path) {
            terminal.printError(
              `Listening, until Ctrl-C. To read it later: sidestep trace ${path}`,
            );
          },
        }),
      );
      const { document, text } = traceResult(summarize(kept), kept);
      return { document: { ...document, trace: path }, text };
    } finally {
      await file?.discardIfEmpty();
    }
  },
});
