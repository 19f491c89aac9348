/** What the header says of a trace: pure, in words. */
import type { Ending } from '../../../engine/trace/record';
import { t } from '../l10n';
import { formatBytes, formatDuration } from '../model/format';
import { outcomeName } from '../model/describe';
import type { TraceModel } from '../model/trace-model';
import { visibleText } from '../visible-text';

export interface Party {
  readonly id: number | undefined;
  readonly version: string;
  readonly emulator: string;
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
  readonly from: Party | undefined;
  readonly to: Party | undefined;
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
  const { header, plan } = model;
  if (header === undefined) return undefined;
  const target = model.instances.findLast(({ side }) => side === 'target');
  return {
    domain: visibleText(header.domain),
    host: visibleText(header.host),
    from: plan && {
      id: plan.from.id,
      version: visibleText(plan.from.version),
      emulator: visibleText(plan.from.emulator),
    },
    to: plan && {
      id: target?.id,
      version: visibleText(plan.to.version),
      emulator: visibleText(plan.to.emulator),
    },
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

const tones: Readonly<Record<Ending, Result['tone']>> = {
  moved: 'good',
  stayed: 'bad',
  refused: 'bad',
  lost: 'bad',
  undecided: 'bad',
  listened: 'good',
};

function resultOf({ verdict }: TraceModel, isUnderWay: boolean): Result {
  if (verdict !== undefined) {
    return { text: outcomeName(verdict.outcome), tone: tones[verdict.outcome] };
  }
  return {
    text: isUnderWay ? t('under way') : t('no verdict: still going on, or cut off'),
    tone: 'busy',
  };
}

function standstill({ standstill, verdict }: TraceModel, nowUs: number): Fact[] {
  const name = t('Guest stood still');
  if (standstill === undefined) {
    return verdict?.outcome === 'moved'
      ? [{ name, value: t('was not running'), title: t('The guest was paused all the time.') }]
      : [];
  }
  const { startUs, endUs, hasMoved } = standstill;
  const value = formatDuration(Math.min(endUs, nowUs) - startUs);
  const title = hasMoved
    ? t('From STOP at the source to RESUME at the target, by the clock of QEMU.')
    : t('From STOP to RESUME at the source.');
  return [{ name, value, title, isFigure: true }];
}

function total(model: TraceModel, nowUs: number): Fact[] {
  const { outcome } = model.verdict ?? {};
  const name =
    outcome === undefined ? t('So far') : outcome === 'moved' ? t('All five phases') : t('In all');
  const value = formatDuration((model.totalUs ?? nowUs) - migrationStart(model));
  return outcome === 'refused' ? [] : [{ name, value, isFigure: true }];
}

/** A trace of the engine's is of one migration; a log of libvirt's tells what was before it as well. */
function migrationStart({ header, phases }: TraceModel): number {
  if (header?.origin === undefined) return 0;
  const all = phases.rows.flatMap(({ items }) => items);
  const last = all.findLast(({ phase }) => phase === 'begin') ?? all[0];
  return last?.startUs ?? 0;
}

function mode({ plan }: TraceModel): Fact[] {
  return plan === undefined ? [] : [{ name: t('Mode'), value: visibleText(plan.mode) }];
}

/** Modes in which both instances have the same RAM. */
const sharing: ReadonlySet<string> = new Set(['ignore-shared', 'cpr-transfer']);

export function copiesNoRam({ plan }: TraceModel): boolean {
  return plan !== undefined && sharing.has(plan.mode);
}

function ram(model: TraceModel): Fact[] {
  const last = model.ram.last;
  const name = t('RAM');
  if (model.verdict !== undefined && model.verdict.outcome !== 'moved' && last === undefined)
    return [];
  if (copiesNoRam(model)) {
    const title = t('Source and target map the same RAM. What was sent is the state of devices.');
    const value =
      last === undefined
        ? t('none copied')
        : t('none copied, {0} of device state', formatBytes(last.transferred));
    return [{ name, value, title }];
  }
  if (last === undefined) return [];
  const value = t('{0} sent for {1}', formatBytes(last.transferred), formatBytes(last.total));
  return [{ name, value }];
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
  const target = model.instances.findLast(({ side }) => side === 'target');
  const lastWords = (target?.output.items ?? [])
    .flatMap(({ text }) => text.trim().split('\n'))
    .slice(-mostLastWords)
    .filter((line) => !message.includes(line))
    .map(visibleText);
  const found = outcome === 'refused' ? (model.plan?.blockers ?? []) : [];
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
