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
  hop: 'steps',
  phase: 'steps',
  step: 'steps',
  'take-back': 'steps',
  'run-state': 'state',
  process: 'state',
  table: 'state',
  ram: 'state',
};

function originOf(item: Item): Origin | undefined {
  if (item.kind !== 'exchange') return undefined;
  return item.origin === 'user' ? 'user' : 'engine';
}

/**
 * The items of a trace that the filters let through, in the order of time. What is of no side is of
 * both, and only commands have an origin.
 */
export function filterItems(model: TraceModel, filters: Filters, texts: SearchTexts): Item[] {
  const shown = new Set(filters.groups);
  const wanted = filters.text.trim().toLowerCase();
  return model.all.items.filter((item) => {
    if (!shown.has(groupOf[item.kind]) && !(shown.has('errors') && isFailed(item))) return false;
    const side = model.sideOf(item);
    if (side !== undefined && !filters.sides.includes(side)) return false;
    const origin = originOf(item);
    if (origin !== undefined && !filters.origins.includes(origin)) return false;
    return wanted === '' || texts.include(item, model, wanted);
  });
}

/** All that is written in records, in lower case. Kept, for a filter is typed letter by letter. */
export class SearchTexts {
  #model: TraceModel | undefined;
  /** By record. */
  readonly #texts: string[] = [];

  /** Whether a text, in lower case, is in what the item begins with, or in its answer. */
  include(item: Item, model: TraceModel, wanted: string): boolean {
    if (model !== this.#model) {
      this.#texts.length = 0;
      this.#model = model;
    }
    const answer = item.kind === 'exchange' ? item.answer : undefined;
    return (
      this.#textOf(item.id).includes(wanted) ||
      (answer !== undefined && this.#textOf(answer).includes(wanted))
    );
  }

  #textOf(id: number): string {
    return (this.#texts[id] ??= textOf(this.#model?.records[id]).toLowerCase());
  }
}

function textOf(record: TraceRecord | undefined): string {
  if (record === undefined) return '';
  if (record.type === 'output') return record.text;
  if (record.type === 'qmp') return `${record.name ?? ''}\n${JSON.stringify(record.message)}`;
  return JSON.stringify(record);
}
