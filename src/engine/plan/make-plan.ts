/**
 * The plan of a local migration: what becomes of each resource of the host that the source's
 * command line names, and how the target is started. A pure function.
 */
import { CommandLine, type Option } from '../../qemu/commandline/commandline';
import { copiesRam } from '../mode';
import { chooseMode } from './mode-choice';
import { comparisonFindings } from './comparison-findings';
import type { Context } from './context';
import { fileFindings } from './file-findings';
import { readGuestRam } from './guest-ram';
import { InstanceNames } from './instance-names';
import { memoryFindings } from './memory-findings';
import type { Finding, Plan, PlanRequest, Resource } from './plan';
import { addFd, namesDescriptor } from './rules/devices';
import { implied } from './rules/implied';
import { pinnedMachine, unknownMachine, unversionedMachine } from './rules/machine';
import { plain } from './rules/share';
import { startup } from './rules/startup';
import { rules } from './rules/table';
import { unknown } from './rules/unknown';
import { engineMonitors, incoming } from './start-arguments';
import { remarks, type Remarks, type Verdict } from './verdict';

/** @throws CommandLineError where the definition cannot be read */
export function makePlan(request: PlanRequest): Plan {
  const { source, target } = request;
  const definition = CommandLine.parse(request.definition);
  const ram = readGuestRam(definition);
  const choice = chooseMode(request, definition, ram);
  const context: Context = {
    definition,
    source,
    target,
    isCompared: request.comparison !== undefined,
    mode: choice.mode,
    handedBack: request.handedBack ?? false,
    ram,
    machineType: pinnedMachine(source, definition),
    names: new InstanceNames(target.directory),
    judge: (option) => judge(option, context),
  };
  const verdicts = [...definition.options.map(context.judge), ...implied(context)];
  const resources = verdicts.flatMap((verdict) => verdict.resources);
  const compared = request.comparison && [
    comparisonFindings(definition, request.comparison, target.emulator),
  ];
  const said = remarks(
    ...verdicts,
    choice,
    ...foundOnHost(context, resources),
    ...(compared ?? []),
    {
      blockers: [
        ...otherArchitecture(request),
        ...unknownMachine(context),
        ...tooLongSockets(context),
        ...blockedByQemu(request),
      ],
      warnings: unversionedMachine(context),
    },
  );
  return {
    mode: choice.mode,
    fasterModes: choice.fasterModes,
    arguments: {
      source: request.definition,
      target: argumentsOf([
        ...verdicts.flatMap((verdict) => verdict.target),
        ...engineMonitors(target.directory),
        ...incoming(choice.mode === 'cpr-transfer', target.directory),
      ]),
    },
    resources: said.resources,
    takeBacks: said.takeBacks,
    taps: said.taps,
    blockers: distinct(said.blockers),
    warnings: distinct(said.warnings),
    definition: argumentsOf(verdicts.flatMap((verdict) => verdict.definition)),
  };
}

function judge(option: Option, context: Context): Verdict {
  const rule = rules.get(option.name) ?? unknown;
  const namesHost = rule !== plain && rule !== startup;
  return namesHost && namesDescriptor(option.value ?? '')
    ? addFd(option, context)
    : rule(option, context);
}

/** Of a plan from text alone nothing is known of the host. */
function foundOnHost(context: Context, resources: readonly Resource[]): Partial<Remarks>[] {
  const { definition, mode, source } = context;
  if (source.evidence === undefined) return [];
  const { files, memory } = source.evidence;
  return [
    { blockers: fileFindings(resources, definition, files) },
    ...(copiesRam(mode) ? [memoryFindings(definition, memory)] : []),
  ];
}

function otherArchitecture({ source, target }: PlanRequest): Finding[] {
  const [from, to] = [source.emulator.target, target.emulator.target];
  if (from === to) return [];
  return [
    {
      code: 'ARCHITECTURE_DIFFERS',
      message: `${target.emulator.path} runs ${to} guests, and this one is ${from}.`,
      hint: 'Take an emulator for the guest’s architecture.',
    },
  ];
}

function tooLongSockets({ names }: Context): Finding[] {
  return names.tooLong.map((path) => ({
    code: 'SOCKET_PATH_TOO_LONG',
    message: `No process can listen on ${path}: the path of a unix socket has at most 107 bytes.`,
    hint: 'Use a shorter state folder.',
  }));
}

function blockedByQemu({ source }: PlanRequest): Finding[] {
  return (source.evidence?.blockedReasons ?? []).map((reason) => ({
    code: 'BLOCKED_BY_QEMU',
    message: `The source's QEMU refuses to migrate: ${reason}.`,
    hint: 'Unplug what it names (`device_del`), or start the domain without it.',
  }));
}

function argumentsOf(options: readonly Option[]): string[] {
  return CommandLine.of(options).toArguments();
}

function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding]));
  return [...seen.values()];
}
