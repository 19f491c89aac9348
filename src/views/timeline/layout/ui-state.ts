/** What the user has set up on the page that is not about the trace. */
import * as v from 'valibot';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** Of the whole for its first part: of the width in a row, of the height in a column. */
const SharesSchema = v.object({ row: share, column: share });
export type Shares = Readonly<v.InferOutput<typeof SharesSchema>>;

const UiSchema = v.object({
  /** What is drawn, the rest being for the list and the details: below it where it is narrow. */
  lanesShare: v.optional(SharesSchema, { row: 0.68, column: 0.5 }),
  /** The lanes, the rest being the RAM chart's. */
  drawingShare: v.optional(SharesSchema, { row: 0.72, column: 0.72 }),
  /** The list, the rest being for the details. */
  listShare: v.optional(SharesSchema, { row: 0.6, column: 0.6 }),
  /** What the times in the list count from. */
  since: v.optional(v.picklist(['start', 'selection']), 'start'),
});
export type Ui = v.InferOutput<typeof UiSchema>;

export const usualUi: Ui = v.parse(UiSchema, {});

export class UiState {
  #state: Ui;
  readonly #listeners = new Set<() => void>();

  /** @param saved a `state` of before; what is none counts as nothing */
  constructor(saved: unknown) {
    const { success, output } = v.safeParse(UiSchema, saved);
    this.#state = success ? output : usualUi;
  }

  get state(): Ui {
    return this.#state;
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  update(change: Partial<Ui>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
