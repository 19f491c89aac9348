/** What a rule says about one option of the definition. */
import { type Option } from '../../qemu/commandline/commandline';
import type { Context } from './context';
import type { Finding, Resource, ResourceKind, TakeBack, Tap } from './plan';

export interface Remarks {
  readonly resources: readonly Resource[];
  readonly takeBacks: readonly TakeBack[];
  readonly taps: readonly Tap[];
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export interface Verdict extends Remarks {
  /** What stands in the option's place on the target's command line. */
  readonly target: readonly Option[];
  /** What stands in its place in the definition after the migration. */
  readonly definition: readonly Option[];
}

export type Rule = (option: Option, context: Context) => Verdict;

/** The option stays as it is, but for what is said. */
export function verdict(option: Option, said: Partial<Verdict> = {}): Verdict {
  return { target: [option], definition: [option], ...remarks(said), ...said };
}

/** The option stands for others: what is said about them is said about it. */
export function standsFor(option: Option, verdicts: readonly Verdict[]): Verdict {
  const said = remarks(...verdicts);
  return verdict(option, {
    ...said,
    resources: said.resources.map((one) => ({ ...one, option: flagOf(option) })),
    target: verdicts.flatMap(({ target }) => target),
  });
}

export function remarks(...said: readonly Partial<Remarks>[]): Remarks {
  return {
    resources: said.flatMap((one) => one.resources ?? []),
    takeBacks: said.flatMap((one) => one.takeBacks ?? []),
    taps: said.flatMap((one) => one.taps ?? []),
    blockers: said.flatMap((one) => one.blockers ?? []),
    warnings: said.flatMap((one) => one.warnings ?? []),
  };
}

export function resource(option: Option, about: Omit<Resource, 'option'>): Resource {
  return { option: flagOf(option), ...about };
}

/** `source` is at the target what it is at the source. */
export function shared(
  option: Option,
  kind: ResourceKind,
  source: string,
  reason: string,
): Resource {
  return resource(option, { kind, action: 'share', source, target: source, reason });
}

/**
 * What cannot be carried over: the option as a whole unless told what of it. The blocker says so
 * in the resource's own words.
 */
export function refusal(
  option: Option,
  about: { kind: ResourceKind; source?: string; code: string; reason: string },
): Partial<Remarks> {
  const { kind, code, reason, source = option.value } = about;
  const what = source === undefined ? flagOf(option) : `${flagOf(option)} ${source}`;
  return {
    resources: [resource(option, { kind, action: 'refuse', source, target: undefined, reason })],
    blockers: [
      {
        code,
        message: `${what}: ${reason}.`,
        hint: 'Start the domain without it.',
      },
    ],
  };
}

/** As on the command line; a disk image that stands alone is what `-hda` takes. */
export function flagOf(option: Option): string {
  return option.flag === '' ? '-hda' : option.flag;
}
