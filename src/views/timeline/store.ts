/** The state of the page: lanes, list, chart, header and detail all show this, and change it here. */
import * as v from 'valibot';
import type { TraceRecord } from '../../engine/trace/record';
import type { ItemId } from './model/items';
import { TraceModel } from './model/trace-model';
import { clamp, fit, follow, isFitted, type Extent, type Viewport } from './model/viewport';
import { defaultFilters, FiltersSchema, type Filters } from './traffic/filters';

export interface PageState {
  /** Grows in place; `revision` tells when it has. */
  readonly model: TraceModel;
  readonly revision: number;
  /** Until when there is something to be seen: the model's last time, or while it is live the clock. */
  readonly nowUs: number;
  /** That clock runs: the migration is under way. */
  readonly isUnderWay: boolean;
  readonly viewport: Viewport;
  readonly selection: ItemId | undefined;
  readonly filters: Filters;
  /** The right edge of the lanes and the end of the list stay at what happens now. */
  readonly follow: boolean;
}

export type Listener = (state: PageState, before: PageState) => void;

const empty = (): PageState => ({
  model: new TraceModel(),
  revision: 0,
  nowUs: 0,
  isUnderWay: false,
  viewport: { startUs: 0, endUs: 1 },
  selection: undefined,
  filters: defaultFilters,
  follow: true,
});

export class Store {
  #state = empty();
  readonly #listeners = new Set<Listener>();
  /** From the state before a reload, until there is a trace that it is about. */
  #restored: Persisted | undefined;

  get state(): PageState {
    return this.#state;
  }

  /** The time there is to be seen. */
  get extent(): Extent {
    return { startUs: 0, endUs: Math.max(this.#state.nowUs, 1) };
  }

  /** @returns ends the subscription */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  update(change: Partial<Omit<PageState, 'model' | 'revision'>>): void {
    this.#set({ ...this.#state, ...change });
  }

  /** A new trace, or all of the same one again: then what was selected and zoomed to stays. */
  snapshot(records: readonly TraceRecord[]): void {
    const before = this.#state;
    const model = TraceModel.of(records);
    const extent = { startUs: 0, endUs: Math.max(model.lastUs, 1) };
    const isSame =
      before.model.originUs === model.originUs && before.model.header?.uuid === model.header?.uuid;
    const kept = isSame ? before : { ...before, selection: undefined, viewport: fit(extent) };
    const { viewport, selection, follow } = this.#restored ?? kept;
    this.#restored = undefined;
    this.#set({
      ...before,
      model,
      revision: before.revision + 1,
      nowUs: model.lastUs,
      viewport: clamp(viewport, extent),
      selection: model.item(selection) === undefined ? undefined : selection,
      follow,
    });
  }

  append(records: readonly TraceRecord[]): void {
    const { model, revision, nowUs } = this.#state;
    model.append(records);
    const now = model.verdict === undefined ? Math.max(nowUs, model.lastUs) : model.lastUs;
    this.#set({ ...this.#state, ...this.#at(now), revision: revision + 1 });
  }

  /** The clock of a migration under way. */
  tick(nowUs: number): void {
    if (nowUs > this.#state.nowUs) this.update(this.#at(nowUs));
  }

  /** A viewport that shows all goes on showing all; one that follows keeps its span. */
  #at(nowUs: number): Pick<PageState, 'nowUs' | 'viewport'> {
    const { viewport, follow: follows } = this.#state;
    if (isFitted(viewport, this.extent)) {
      return { nowUs, viewport: fit({ startUs: 0, endUs: Math.max(nowUs, 1) }) };
    }
    return { nowUs, viewport: follows ? follow(viewport, nowUs) : viewport };
  }

  /** What is to survive a reload, as JSON. */
  toPersisted(): Persisted {
    // What waits for its trace is kept as it was.
    const { viewport, selection, follow } = this.#restored ?? this.#state;
    const { filters } = this.#state;
    return { viewport, filters, follow, ...(selection !== undefined && { selection }) };
  }

  /** To be called before the first snapshot. What is not as `toPersisted` gives it is left out. */
  fromPersisted(saved: unknown): void {
    const { success, output } = v.safeParse(Persisted, saved);
    if (!success) return;
    this.#restored = output;
    this.update({ filters: output.filters, follow: output.follow });
  }

  #set(state: PageState): void {
    const before = this.#state;
    this.#state = state;
    for (const listener of this.#listeners) listener(state, before);
  }
}

const Persisted = v.object({
  viewport: v.object({ startUs: v.number(), endUs: v.number() }),
  selection: v.optional(v.number()),
  filters: FiltersSchema,
  follow: v.boolean(),
});
export type Persisted = v.InferOutput<typeof Persisted>;
