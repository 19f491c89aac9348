/** What the list shows of a trace. */
import * as v from 'valibot';
import { sides, type TraceRecord } from '../../../engine/trace/record';
import { isFailed, type Item, type ItemKind } from '../model/items';
import type { TraceModel } from '../model/trace-model';

/** Items are shown by groups; what failed is in `errors`, whatever group it is in besides. */
export const groups = ['commands', 'events', 'errors', 'output', 'steps', 'state'] as const;
export type Group = (typeof groups)[number];

/** Who sent a command. */
export const origins = ['engine', 'user'] as const;
export type Origin = (typeof origins)[number];

/** Of each choice those that are shown. */
export const FiltersSchema = v.object({
  text: v.string(),
  sides: v.array(v.picklist(sides)),
  groups: v.array(v.picklist(groups)),
  origins: v.array(v.picklist(origins)),
});
export type Filters = v.InferOutput<typeof FiltersSchema>;

/** The talk with both QEMUs, and what went wrong; what the engine did meanwhile stands in the lanes. */
export const defaultFilters: Filters = {
  text: '',
  sides: [...sides],
  groups: ['commands', 'events', 'errors', 'output'],
  origins: [...origins],
};

const groupOf: Readonly<Record<ItemKind, Group>> = {
  exchange: 'commands',
  event: 'events',
  greeting: 'events',
  output: 'output',
  warning: 'errors',
  verdict: 'errors',
  phase: 'steps',
  step: 'steps',
  'take-back': 'steps',
  'run-state': 'state',
  process: 'state',
  table: 'state',
  ram: 'state',
};

export function groupsOf(item: Item): readonly Group[] {
  const group = groupOf[item.kind];
  return isFailed(item) && group !== 'errors' ? [group, 'errors'] : [group];
}

export function originOf(item: Item): Origin | undefined {
  if (item.kind !== 'exchange') return undefined;
  return item.origin === 'user' ? 'user' : 'engine';
}

/**
 * The items of a trace that the filters let through, in the order of time. What is of no side is of
 * both, and only commands have an origin.
 */
export function filterItems(model: TraceModel, filters: Filters, texts: SearchTexts): Item[] {
  const wanted = filters.text.trim().toLowerCase();
  return model.all.items.filter((item) => {
    const side = model.sideOf(item);
    const origin = originOf(item);
    return (
      groupsOf(item).some((group) => filters.groups.includes(group)) &&
      (side === undefined || filters.sides.includes(side)) &&
      (origin === undefined || filters.origins.includes(origin)) &&
      (wanted === '' || texts.of(item, model).includes(wanted))
    );
  });
}

/** All that is written in an item's records, in lower case. Kept, for a filter is typed letter by letter. */
export class SearchTexts {
  #model: TraceModel | undefined;
  /** By record. */
  readonly #texts = new Map<number, string>();

  of(item: Item, model: TraceModel): string {
    if (model !== this.#model) {
      this.#texts.clear();
      this.#model = model;
    }
    const text = this.#textOf(item.id, model.records[item.id]);
    const answer = item.kind === 'exchange' ? item.answer : undefined;
    return answer === undefined || answer === item.id
      ? text
      : `${text}\n${this.#textOf(answer, model.records[answer])}`;
  }

  #textOf(id: number, record: TraceRecord | undefined): string {
    let text = this.#texts.get(id);
    if (text === undefined) {
      text = textOf(record).toLowerCase();
      this.#texts.set(id, text);
    }
    return text;
  }
}

function textOf(record: TraceRecord | undefined): string {
  if (record === undefined) return '';
  if (record.type === 'output') return record.text;
  if (record.type === 'qmp') return `${record.name ?? ''}\n${JSON.stringify(record.message)}`;
  return JSON.stringify(record);
}
