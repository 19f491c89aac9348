import { CommandLine, type Option } from '../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../qemu/commandline/option-properties';
import { quoteArguments } from '../../qemu/commandline/launch-script';
import type { Finding, Plan, Resource } from './plan';

/** The plan as text for a terminal. Secrets on the command line are not shown. */
export function describePlan(plan: Plan): string {
  return [
    section(`Mode: ${plan.mode}`, fasterModes(plan)),
    section('Resources', table(plan.resources)),
    section('Blockers', findings(plan.blockers)),
    section('Warnings', findings(plan.warnings)),
    section('Source', optionLines(plan.arguments.source)),
    section('Target', optionLines(plan.arguments.target)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function fasterModes(plan: Plan): string[] {
  return plan.fasterModes.map(({ mode, reason }) => `not ${mode}: ${reason}`);
}

function table(resources: readonly Resource[]): string[] {
  const rows = resources.map((resource) => [
    resource.action,
    resource.option,
    change(resource),
    resource.reason,
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

function change({ source, target }: Resource): string {
  if (source === undefined || target === undefined || source === target) {
    return source ?? target ?? '';
  }
  return `${source} -> ${target}`;
}

function findings(list: readonly Finding[]): string[] {
  return list.map(({ code, message, hint }) =>
    [`${code}: ${message}`, ...(hint === undefined ? [] : [hint])].join(' '),
  );
}

/** A command line, the program aside, with one option a line. Secrets are not shown. */
export function optionLines(argv: readonly string[]): string[] {
  return CommandLine.parse(argv).options.map((option) =>
    quoteArguments(CommandLine.of([withoutSecret(option)]).toArguments()),
  );
}

function withoutSecret(option: Option): Option {
  if (option.name !== 'object') return option;
  const properties = propertiesOf(option);
  return properties.has('data') ? withValue(option, properties.with('data', '(hidden)')) : option;
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0 && !title.startsWith('Mode')) return '';
  return `${[title, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}
