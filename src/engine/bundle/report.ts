/** What a trace tells, for whoever opens the bundle first. */
import { quoteArguments } from '../../qemu/commandline/launch-script';
import { formatDuration } from '../text/units';
import type { TraceRecord } from '../trace/record';
import { summarize } from '../trace/summary';

export function report(records: readonly TraceRecord[], version: string): string {
  const summary = summarize(records);
  const find = <Type extends TraceRecord['type']>(type: Type) =>
    records.find((record): record is Extract<TraceRecord, { type: Type }> => record.type === type);
  const header = find('header');
  const plan = find('plan');
  const verdict = records.findLast((record) => record.type === 'verdict');
  const lines = [
    `Sidestep ${version}`,
    `Domain: ${header?.domain ?? '?'} (${header?.uuid ?? '?'}) on ${header?.host ?? '?'}`,
    `Asked for: ${header === undefined ? '?' : new Date(header.at / 1000).toISOString()}`,
    ...(plan === undefined
      ? []
      : [
          `Mode: ${plan.mode}`,
          `From: instance ${plan.from.id}, QEMU ${plan.from.version}, ${plan.from.emulator}`,
          `To: QEMU ${plan.to.version}, ${plan.to.emulator}`,
        ]),
    '',
    `Outcome: ${verdict?.outcome ?? 'no verdict'}${verdict?.code === undefined ? '' : ` [${verdict.code}]`}`,
    ...(verdict?.message === undefined ? [] : [verdict.message]),
    ...(verdict?.hint === undefined ? [] : [verdict.hint]),
    '',
    ...summary.phases.map(
      ({ name, side, startUs, endUs }) =>
        `${name} at the ${side}: ${formatDuration(endUs - startUs)}`,
    ),
    ...section('Blockers', (plan?.blockers ?? []).map(remark)),
    ...section('Warnings', [
      ...(plan?.warnings ?? []).map(remark),
      ...records.flatMap((record) => (record.type === 'warning' ? remark(record) : [])),
    ]),
    ...section('Processes', records.flatMap(processLine)),
  ];
  return `${lines.join('\n')}\n`;
}

function remark({ code, message }: { readonly code: string; readonly message: string }): string {
  return `${code}: ${message}`;
}

function processLine(record: TraceRecord): string[] {
  if (record.type !== 'process') return [];
  const { instance, pid, edge, argv } = record;
  const command = argv === undefined ? '' : `: ${quoteArguments(argv)}`;
  return [`instance ${instance}, pid ${pid}: ${edge}${command}`];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
