/** What the header says of a trace: pure, in words. */
import type { Ending } from '../../../engine/trace/record';
import { t } from '../l10n';
import { formatBytes, formatDuration } from '../model/format';
import { outcomeName } from '../model/describe';
import type { Hop } from '../model/hops';
import type { Instance } from '../model/instances';
import type { TraceModel } from '../model/trace-model';
import { visibleText } from '../visible-text';

/** An instance that had, or is to have, the guest. */
export interface Party {
  readonly id: number | undefined;
  readonly version: string;
  readonly emulator: string;
  /** `libvirt`; undefined is the engine. */
  readonly manager: string | undefined;
}

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** More of it, for who points at it. */
  readonly title?: string;
  readonly isFigure?: boolean;
  /** Takes what room is left. */
  readonly isLong?: boolean;
}

export interface HeaderFacts {
  readonly domain: string;
  readonly host: string;
  /** In the order in which the guest goes through them; none as long as there is no plan. */
  readonly parties: readonly Party[];
  readonly result: Result;
  readonly facts: readonly Fact[];
  readonly failure: Failure | undefined;
}

export interface Result {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'busy';
}

export interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** All that stands in the way of a migration that was refused, if that is more than one thing. */
  readonly blockers: readonly string[];
  /** The last that the target printed and the message does not say, oldest line first. */
  readonly lastWords: readonly string[];
}

/** @returns undefined as long as nothing of the trace is there */
export function factsOf(
  model: TraceModel,
  nowUs: number,
  isUnderWay: boolean,
): HeaderFacts | undefined {
  const { header } = model;
  if (header === undefined) return undefined;
  return {
    domain: visibleText(header.domain),
    host: visibleText(header.host),
    parties: partiesOf(model),
    result: resultOf(model, isUnderWay),
    facts: [
      standstill(model, nowUs),
      total(model, nowUs),
      mode(model),
      ram(model),
      takenBack(model),
    ].flat(),
    failure: failureOf(model),
  };
}

function partiesOf(model: TraceModel): Party[] {
  return model.hops.flatMap(({ index, plan }) => {
    if (plan === undefined) return [];
    const { from, to } = plan;
    const isFirst = model.hops[index - 1]?.plan === undefined;
    const target = { ...to, id: targetOf(model, index)?.id };
    return (isFirst ? [from, target] : [target]).map(({ id, version, emulator, manager }) => ({
      id,
      version: visibleText(version),
      emulator: visibleText(emulator),
      manager: manager === undefined ? undefined : visibleText(manager),
    }));
  });
}

/** The last one, if there was more than one. */
function targetOf({ instances }: TraceModel, hop: number): Instance | undefined {
  return instances.findLast(({ roles }) =>
    roles.some((role) => role.hop === hop && role.side === 'target'),
  );
}

const tones: Readonly<Record<Ending, Result['tone']>> = {
  moved: 'good',
  stayed: 'bad',
  refused: 'bad',
  lost: 'bad',
  undecided: 'bad',
  listened: 'good',
};

function resultOf({ verdict, hops }: TraceModel, isUnderWay: boolean): Result {
  if (verdict !== undefined) {
    const { outcome } = verdict;
    // Of several sources the one that has it now.
    const stayedAt = outcome === 'stayed' && hops.length > 1 ? hops.at(-1)?.plan : undefined;
    const text =
      stayedAt === undefined ? outcomeName(outcome) : t('stayed at #{0}', stayedAt.from.id);
    return { text, tone: tones[outcome] };
  }
  return {
    text: isUnderWay ? t('under way') : t('no verdict: still going on, or cut off'),
    tone: 'busy',
  };
}

function standstill({ standstills, verdict }: TraceModel, nowUs: number): Fact[] {
  const name = t('Guest stood still');
  if (standstills.length === 0) {
    return verdict?.outcome === 'moved'
      ? [{ name, value: t('was not running'), title: t('The guest was paused all the time.') }]
      : [];
  }
  const value = standstills
    .map(({ startUs, endUs }) => formatDuration(Math.min(endUs, nowUs) - startUs))
    .join(' + ');
  const title = standstills.some(({ hasMoved }) => hasMoved)
    ? t('From STOP at the source to RESUME at the target, by the clock of QEMU.')
    : t('From STOP to RESUME at the source.');
  return [{ name, value, title, isFigure: true }];
}

function total(model: TraceModel, nowUs: number): Fact[] {
  const { outcome } = model.verdict ?? {};
  const name =
    outcome === undefined ? t('So far') : outcome === 'moved' ? allOf(model) : t('In all');
  const value = formatDuration((model.totalUs ?? nowUs) - migrationStart(model));
  return outcome === 'refused' ? [] : [{ name, value, isFigure: true }];
}

/** A trace of the engine's is of what it was asked for; a log of libvirt's tells what was before as well. */
function migrationStart({ header, phases }: TraceModel): number {
  if (header?.origin === undefined) return 0;
  const all = phases.rows.flatMap(({ items }) => items);
  const last = all.findLast(({ phase }) => phase === 'begin') ?? all[0];
  return last?.startUs ?? 0;
}

function allOf({ header, hops }: TraceModel): string {
  if (hops.length === 1 || header?.origin !== undefined) return t('All five phases');
  return hops.length === 2 ? t('Both migrations') : t('All {0} migrations', hops.length);
}

function mode({ hops }: TraceModel): Fact[] {
  const modes = hops.flatMap(({ plan }) => (plan === undefined ? [] : visibleText(plan.mode)));
  return modes.length === 0 ? [] : [{ name: t('Mode'), value: inTurn(modes) }];
}

/** Of one migration after the other; what is the same of all is said once. */
function inTurn(values: readonly string[]): string {
  return [...new Set(values)].length === 1
    ? (values[0] ?? '')
    : values.reduce((before, value) => t('{0}, then {1}', before, value));
}

/** Modes in which both instances have the same RAM. */
const sharing: ReadonlySet<string> = new Set(['ignore-shared', 'cpr-transfer']);

export function copiesNoRam({ plan }: Hop): boolean {
  return plan !== undefined && sharing.has(plan.mode);
}

function ram({ hops, verdict }: TraceModel): Fact[] {
  const values = hops.flatMap((hop) => {
    const isOver = verdict !== undefined && verdict.outcome !== 'moved';
    return (isOver && hop.ram.length === 0 ? undefined : ramOf(hop, hops.length > 1)) ?? [];
  });
  if (values.length === 0) return [];
  const title = t('Source and target map the same RAM. What was sent is the state of devices.');
  return [{ name: t('RAM'), value: inTurn(values), ...(hops.some(copiesNoRam) && { title }) }];
}

/** @param isShort as one of several */
function ramOf(hop: Hop, isShort: boolean): string | undefined {
  const { last } = hop.ram;
  if (copiesNoRam(hop)) {
    return last === undefined || isShort
      ? t('none copied')
      : t('none copied, {0} of device state', formatBytes(last.transferred));
  }
  return last && t('{0} sent for {1}', formatBytes(last.transferred), formatBytes(last.total));
}

function takenBack({ takeBacks }: TraceModel): Fact[] {
  if (takeBacks.length === 0) return [];
  const failed = takeBacks.items.filter(({ error }) => error !== undefined);
  const value = takeBacks.items
    .map(({ what, error }) => visibleText(error === undefined ? what : `✗ ${what}`))
    .join(', ');
  const title = takeBacks.items
    .map(({ what, address, error }) =>
      visibleText(`${what} ${address}${error === undefined ? '' : `: ${error}`}`),
    )
    .join('\n');
  const name = failed.length === 0 ? t('Taken back') : t('Taken back, all but {0}', failed.length);
  return [{ name, value, title, isLong: true }];
}

const mostLastWords = 4;

function failureOf(model: TraceModel): Failure | undefined {
  const { message, outcome, code, hint } = model.verdict ?? {};
  if (message === undefined) return undefined;
  const target = targetOf(model, model.hops.length - 1);
  const lastWords = (target?.output.items ?? [])
    .flatMap(({ text, path }) => (path === undefined ? text.trim().split('\n') : []))
    .slice(-mostLastWords)
    .filter((line) => !message.includes(line))
    .map(visibleText);
  const found = outcome === 'refused' ? (model.hops.at(-1)?.plan?.blockers ?? []) : [];
  const blockers =
    found.length > 1
      ? found.map(({ message, hint }) => visibleText([message, hint ?? ''].join(' ').trim()))
      : [];
  return {
    message: visibleText(message),
    code,
    hint: hint === undefined ? undefined : visibleText(hint),
    blockers,
    lastWords,
  };
}
