import type { UpgradeReport } from '../../engine/libvirt/upgrade';
import type { MigrationReport } from '../../engine/migration/migrate';
import type { TraceRecord } from '../../engine/trace/record';
import { parseSeconds } from '../arguments';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import {
  handbackDocument,
  migrationReport,
  type MigrationDocument,
  type MovedInstance,
} from '../output/migration-report';
import { ProgressLine } from '../output/progress-line';
import { newTraceFile } from '../trace-file';
import { modeOption, parseMode, targetOption } from './modes';
import { onCloseHelp, onCloseOption, parseOnClose } from './on-close';

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Move a running domain onto another QEMU on the same host',
  operands: ['DOMAIN'],
  options: {
    live: {
      help: 'the guest runs on while it is moved',
      required: 'a guest is moved while it runs, and there is no other way yet',
    },
    local: {
      help: 'the target is a new QEMU on the same host',
      required: 'a migration to another host is the work of libvirt',
    },
    emulator: targetOption,
    mode: modeOption,
    connect: {
      value: 'URI',
      help: 'a domain of this libvirt (qemu:///system), which is upgraded live',
    },
    stay: { help: 'with --connect: the domain is Sidestep’s from then on' },
    redefine: { help: 'with --connect: its persistent definition gets the new emulator too' },
    timeout: { value: 'S', help: 'cancel if all phases together take longer than S seconds' },
    'on-close': onCloseOption,
    trace: { value: 'FILE', help: 'write the trace to this new file, not to the state folder' },
  },
  help: `DOMAIN is a name or a UUID. Ctrl-C cancels: the guest runs on at the source. Once the guest has
moved, the migration is finished instead.

${onCloseHelp}`,
  async run({ values, operands: [domain = ''] }, context) {
    const mode = parseMode(values.mode);
    const timeoutMs =
      values.timeout === undefined ? undefined : parseSeconds('timeout', values.timeout);
    const onClose = parseOnClose(values['on-close']);
    const engine = await context.engine();
    const traceFile =
      values.trace === undefined
        ? undefined
        : await newTraceFile(engine.host, context.path(values.trace));
    const records: TraceRecord[] = [];
    const progress = new ProgressLine(context.terminal, () => engine.host.now());
    try {
      const report = await cancellable(
        (signal) => {
          const options = {
            signal,
            timeoutMs,
            onClose,
            trace: traceFile,
            onRecord(record: TraceRecord) {
              if (record.type === 'plan' || record.type === 'warning') records.push(record);
              progress.hear(record);
            },
          };
          const emulator =
            values.emulator === undefined ? undefined : context.program(values.emulator);
          return values.connect === undefined
            ? engine
                .migrate({ domain, mode, emulator }, options)
                .then((away) => ({ away, back: undefined }))
            : engine.upgrade(
                { uri: values.connect, domain },
                { mode, emulator, stay: values.stay, redefine: values.redefine },
                options,
              );
        },
        {
          onCancel: () => {
            progress.cancel();
          },
          onClose: () => void engine.leave(),
        },
      );
      const document = migrationDocument(report, records);
      return { document, text: migrationReport(document, context.terminal.paint) };
    } finally {
      progress.end();
      await traceFile?.discardIfEmpty();
    }
  },
});

function migrationDocument(
  { away, back }: UpgradeReport,
  records: readonly TraceRecord[],
): MigrationDocument {
  const { domain, source, target, takenBack, summary, tracePath } = away;
  const plan = records.find((record) => record.type === 'plan');
  const warnings = records.flatMap((record) => (record.type === 'warning' ? record : []));
  return {
    domain: domain.name,
    uuid: domain.uuid,
    from: moved(source),
    to: moved(target),
    mode: plan?.mode ?? '',
    phases: summary.phases,
    downtimeUs: summary.downtimeUs ?? null,
    totalUs: summary.totalUs ?? 0,
    takenBack: takenBack.map(({ what, address, error }) => ({
      what,
      address,
      ...(error !== undefined && { error }),
    })),
    warnings: [...(plan?.warnings ?? []), ...warnings].map(({ code, message }) => ({
      code,
      message,
    })),
    ...(back !== undefined && { handback: handbackDocument(back) }),
    trace: tracePath,
  };
}

function moved({ id, emulator, version, process }: MigrationReport['source']): MovedInstance {
  return { id, emulator, version, pid: process.pid };
}
