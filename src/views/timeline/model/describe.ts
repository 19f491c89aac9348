/** Items in words: what they are called, and what is to be said of them. */
import * as v from 'valibot';
import { kindOfHop } from '../../../engine/trace/hops';
import type { Ending, Phase, Side, TraceRecord } from '../../../engine/trace/record';
import { t } from '../l10n';
import { visibleText } from '../visible-text';
import { formatBytes, formatDuration, formatTime } from './format';
import { instanceOf, type ExchangeItem, type HopItem, type Item } from './items';
import type { TraceModel } from './trace-model';

export function phaseName(phase: Phase): string {
  switch (phase) {
    case 'begin':
      return t('Begin');
    case 'prepare':
      return t('Prepare');
    case 'perform':
      return t('Perform');
    case 'finish':
      return t('Finish');
    case 'confirm':
      return t('Confirm');
  }
}

export function sideName(side: Side): string {
  return side === 'source' ? t('source') : t('target');
}

/** Of one of several: where it leads. */
export function hopName(index: number, plan: HopItem['plan'] | undefined): string {
  const number = index + 1;
  switch (kindOfHop(plan)) {
    case 'from-libvirt':
      return t('{0}: to Sidestep', number);
    case 'to-libvirt':
      return t('{0}: back to libvirt', number);
    case undefined:
      return t('{0}: migration', number);
  }
}

function hopLines({ plan: { mode, from, to }, progress }: HopItem): string[] {
  return [
    visibleText(`${mode}, QEMU ${from.version} → ${to.version}`),
    ...(progress === 'failed' ? [t('failed')] : []),
  ];
}

export function outcomeName(outcome: Ending): string {
  switch (outcome) {
    case 'moved':
      return t('moved');
    case 'stayed':
      return t('stayed at the source');
    case 'refused':
      return t('refused');
    case 'lost':
      return t('lost');
    case 'undecided':
      return t('undecided');
    case 'listened':
      return t('listened to');
  }
}

/** Short: what stands at it in a lane. */
export function nameOf(item: Item): string {
  switch (item.kind) {
    case 'hop':
      return hopName(item.index, item.plan);
    case 'phase':
      return phaseName(item.phase);
    case 'step':
      return item.progress === 'undone' ? t('{0} undone', item.name) : item.name;
    case 'run-state':
      return item.state === 'starting' ? t('QEMU starts') : visibleText(item.state);
    case 'exchange':
      return item.name === '' ? t('(unnamed)') : visibleText(item.name);
    case 'event':
      return visibleText(item.status === undefined ? item.name : `${item.name} ${item.status}`);
    case 'greeting':
      return t('greeting');
    case 'process':
      return item.edge === 'start' ? t('process starts') : t('process ends');
    case 'output':
      return item.path === undefined
        ? visibleText(item.text.trim().replace(programName, ''))
        : t('the end of {0}', visibleText(item.path));
    case 'table':
      return tableMove(item);
    case 'ram':
      return t('{0} left', formatBytes(item.remaining));
    case 'take-back':
      return item.error === undefined
        ? visibleText(item.what)
        : t('{0} not taken back', visibleText(item.what));
    case 'warning':
      return visibleText(item.message);
    case 'verdict':
      return outcomeName(item.outcome);
  }
}

/** What QEMU prints begins with it, line for line. */
const programName = /^\S*qemu\S*: /;

function tableMove({ instance, from, to }: Extract<Item, { kind: 'table' }>): string {
  if (to === undefined) return t('#{0} leaves the {1} tables', instance, from ?? '');
  return from === undefined
    ? t('#{0} → {1}', instance, to)
    : t('#{0} {1} → {2}', instance, from, to);
}

/** One line each: what it is, when it was and how long it took, what else is to be said. */
export function linesOf(item: Item, model: TraceModel, nowUs: number): string[] {
  const where = whereOf(item, model);
  return [
    where === undefined ? kindOf(item) : `${kindOf(item)} · ${where}`,
    timesOf(item, nowUs),
    ...detailsOf(item, model),
  ];
}

/** `#7 source`. */
export function whereOf(item: Item, model: TraceModel): string | undefined {
  const instance = instanceOf(item);
  const side = model.sideOf(item);
  const parts = [
    ...(instance === undefined ? [] : [`#${instance}`]),
    ...(side === undefined ? [] : [sideName(side)]),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}

function kindOf(item: Item): string {
  switch (item.kind) {
    case 'hop':
      return t('Migration');
    case 'phase':
      return t('Phase');
    case 'step':
      return t('Step');
    case 'run-state':
      return t('Run state');
    case 'exchange':
      return item.origin === undefined
        ? t('QMP command')
        : t('QMP command, sent by: {0}', visibleText(item.origin));
    case 'event':
      return t('QMP event');
    case 'greeting':
      return t('QMP greeting');
    case 'process':
      return t('Process');
    case 'output':
      return t('Printed by QEMU');
    case 'table':
      return t('Tables');
    case 'ram':
      return t('RAM');
    case 'take-back':
      return t('Address taken back');
    case 'warning':
      return t('Warning');
    case 'verdict':
      return t('Verdict');
  }
}

function timesOf({ startUs, endUs }: Item, nowUs: number): string {
  const start = formatTime(startUs);
  if (endUs === startUs) return t('at {0} ms', start);
  if (endUs === Infinity) {
    return t('since {0} ms, for {1} so far', start, formatDuration(nowUs - startUs));
  }
  return t('{0}, from {1} to {2} ms', formatDuration(endUs - startUs), start, formatTime(endUs));
}

function detailsOf(item: Item, model: TraceModel): string[] {
  switch (item.kind) {
    case 'exchange':
      return outcomeOf(item, model);
    case 'event':
      return dataOf(model.records[item.id]);
    case 'hop':
      return hopLines(item);
    case 'phase':
    case 'step':
      return item.progress === 'failed' ? [t('failed')] : [];
    case 'process':
      return [`pid ${item.pid}`];
    case 'take-back':
      return [item.address, item.error ?? ''].filter((text) => text !== '').map(visibleText);
    case 'warning':
      return [item.code];
    case 'ram':
      return [t('{0} sent, of {1}', formatBytes(item.transferred), formatBytes(item.total))];
    default:
      return [];
  }
}

function outcomeOf({ outcome, answer }: ExchangeItem, { records }: TraceModel): string[] {
  switch (outcome) {
    case 'reply':
      return [];
    case 'error':
      return [
        t('error: {0}', visibleText(errorOf(answer === undefined ? undefined : records[answer]))),
      ];
    case 'open':
      return [t('not answered yet')];
    case 'unanswered':
      return [t('never answered: the process has gone')];
  }
}

const ErrorReply = v.object({ error: v.object({ desc: v.string() }) });
const EventData = v.object({ data: v.unknown() });

function errorOf(record: TraceRecord | undefined): string {
  const message = record?.type === 'qmp' ? record.message : undefined;
  return v.is(ErrorReply, message) ? message.error.desc : '';
}

/** Of an event, such as its status; cut where it is long. */
function dataOf(record: TraceRecord | undefined): string[] {
  const message = record?.type === 'qmp' ? record.message : undefined;
  if (!v.is(EventData, message)) return [];
  const text = visibleText(JSON.stringify(message.data));
  return [text.length > 120 ? `${text.slice(0, 119)}…` : text];
}
