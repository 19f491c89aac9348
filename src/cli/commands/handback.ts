import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { handbackDocument, handbackReport } from '../output/migration-report';
import { ProgressLine } from '../output/progress-line';

export const handback = defineCommand({
  name: 'handback',
  summary: 'Make a domain that came from libvirt libvirt’s again',
  operands: ['DOMAIN'],
  options: {},
  help: `DOMAIN is a name or a UUID. libvirt restores it from a pipe, into which the running QEMU writes the
guest: the guest runs on. If libvirt does not take it, it stays where it is.`,
  async run({ operands: [domain = ''] }, context) {
    const engine = await context.engine();
    const progress = new ProgressLine(context.terminal, () => engine.host.now());
    try {
      const report = await cancellable(
        (signal) =>
          engine.handBack(domain, {
            signal,
            onRecord: (record) => {
              progress.hear(record);
            },
          }),
        () => {
          progress.cancel();
        },
      );
      const document = handbackDocument(report);
      return { document, text: handbackReport(document, context.terminal.paint) };
    } finally {
      progress.end();
    }
  },
});
