/** QMP commands and their answers, brought together. */
import type { TraceRecord } from '../../../engine/trace/record';
import type { ExchangeItem, ItemId } from './items';
import type { Rows } from './track';

type QmpRecord = Extract<TraceRecord, { type: 'qmp' }>;
type Open = { -readonly [Key in keyof ExchangeItem]: ExchangeItem[Key] };

export class Exchanges {
  /** By instance, in the order they were sent. */
  readonly #open = new Map<number, (Open & { readonly qmpId: string | undefined })[]>();

  send(rows: Rows<ExchangeItem>, record: QmpRecord, id: ItemId, at: number): ExchangeItem {
    const item = { ...exchange(record, id, at), endUs: Infinity, qmpId: record.id };
    const open = this.#open.get(record.instance);
    if (open === undefined) this.#open.set(record.instance, [item]);
    else open.push(item);
    rows.add(item);
    return item;
  }

  /**
   * Of an answer whose command is not in the trace all that is known is when it came. Without ids
   * QEMU answers in the order of the commands.
   */
  answer(rows: Rows<ExchangeItem>, record: QmpRecord, id: ItemId, at: number): ExchangeItem {
    const open = this.#open.get(record.instance) ?? [];
    const index = open.findIndex(({ qmpId, name }) =>
      record.id !== undefined || qmpId !== undefined
        ? qmpId === record.id
        : record.name === undefined || name === record.name,
    );
    const [command] = index < 0 ? [] : open.splice(index, 1);
    const item: Open = command ?? exchange(record, id, at);
    item.endUs = Math.max(at, item.startUs);
    item.outcome = record.kind === 'error' ? 'error' : 'reply';
    item.answer = id;
    if (command === undefined) rows.add(item);
    else rows.changed(item);
    return item;
  }

  /** The process has gone: it will not answer any more, but what it said last may be read later. */
  giveUp(rows: Rows<ExchangeItem>, instance: number, at: number): void {
    for (const item of this.#open.get(instance) ?? []) {
      item.endUs = Math.max(at, item.startUs);
      item.outcome = 'unanswered';
      rows.changed(item);
    }
  }
}

function exchange({ instance, name = '', origin }: QmpRecord, id: ItemId, at: number): Open {
  return {
    kind: 'exchange',
    id,
    startUs: at,
    endUs: at,
    instance,
    name,
    origin,
    outcome: 'open',
    answer: undefined,
  };
}
