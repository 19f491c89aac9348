import { SidestepError } from '../../engine/errors';
import type { Host } from '../../host/host';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { handbackDocument, handbackReport } from '../output/migration-report';
import { ProgressLine } from '../output/progress-line';
import { onCloseHelp, onCloseOption, parseOnClose } from './on-close';

export const handback = defineCommand({
  name: 'handback',
  summary: 'Make a domain that came from libvirt libvirt’s again',
  operands: ['DOMAIN'],
  options: {
    connect: { value: 'URI', help: "libvirt's connection, by default the one that it came from" },
    xml: {
      value: 'FILE',
      help: 'its definition, for a domain that did not come from libvirt: with the very devices it has',
    },
    'on-close': onCloseOption,
  },
  help: `DOMAIN is a name or a UUID. libvirt restores it from a pipe, into which the running QEMU writes the
guest: the guest runs on. If libvirt does not take it, it stays where it is.

${onCloseHelp}`,
  async run({ values, operands: [domain = ''] }, context) {
    const onClose = parseOnClose(values['on-close']);
    const engine = await context.engine();
    const wish = {
      uri: values.connect,
      xml:
        values.xml === undefined
          ? undefined
          : await readText(engine.host, context.path(values.xml)),
    };
    const progress = new ProgressLine(context.terminal, () => engine.host.now());
    try {
      const report = await cancellable(
        (signal) =>
          engine.handBack(
            domain,
            {
              signal,
              onClose,
              onRecord: (record) => {
                progress.hear(record);
              },
            },
            wish,
          ),
        {
          onCancel: () => {
            progress.cancel();
          },
          onClose: () => void engine.leave(),
        },
      );
      const document = handbackDocument(report);
      return { document, text: handbackReport(document, context.terminal.paint) };
    } finally {
      progress.end();
    }
  },
});

async function readText(host: Host, path: string): Promise<string> {
  const [data] = await host.files([{ op: 'read', path }]);
  if (data !== undefined) return data.toString();
  throw new SidestepError('NO_SUCH_FILE', `There is no file ${path} on ${host.name}.`, { path });
}
