/** The list of what both QEMUs said and were told, and of whatever else the filters let through. */
import './traffic.css';
import type { Item } from '../model/items';
import type { TraceModel } from '../model/trace-model';
import { t } from '../l10n';
import type { UiState } from '../layout/ui-state';
import type { PageState, Store } from '../store';
import { icon } from '../toolkit/icons';
import { button } from '../toolkit/toolkit';
import { FilterBar } from './filter-bar';
import { defaultFilters, filterItems, SearchTexts } from './filters';
import { rowOf } from './rows';
import { TrafficRow } from './traffic-row';
import { VirtualList } from './virtual-list';

const rowHeight = 22;

export class Traffic {
  readonly element = document.createElement('section');
  readonly #filterBar: FilterBar;
  readonly #list: VirtualList<Item>;
  readonly #since = document.createElement('button');
  readonly #empty = document.createElement('div');
  readonly #follow: HTMLElement;
  readonly #texts = new SearchTexts();
  #items: readonly Item[] = [];
  /** What the list was drawn from last. */
  #drawn: PageState | undefined;
  /** The trace that grew when it was drawn: its end is followed too. */
  #grown: TraceModel | undefined;
  #isScheduled = false;

  /** @param onOpen the user wants to go on to what is selected */
  constructor(
    private readonly store: Store,
    private readonly ui: UiState,
    onOpen: () => void,
  ) {
    const { element } = this;
    element.className = 'traffic';
    element.ariaLabel = t('QMP traffic');
    this.#filterBar = new FilterBar(store);
    this.#list = new VirtualList<Item>({
      label: t('QMP traffic'),
      rowHeight,
      makeRow: () => this.#makeRow(),
      onChoose: (index) => {
        store.update({ selection: this.#items[index]?.id });
      },
      onOpen,
      onScroll: (atEnd) => {
        const follow = isLive(store.state) && atEnd;
        if (follow !== store.state.follow) store.update({ follow });
      },
      onResize: () => {
        if (this.#isFollowing) this.#list.scrollToEnd();
      },
    });
    this.#follow = button({
      label: t('Follow'),
      onClick: () => {
        store.update({ follow: true });
      },
    });
    this.#follow.classList.add('follow');
    this.#follow.prepend(icon('down'));
    this.#empty.className = 'traffic-empty';
    const body = document.createElement('div');
    body.className = 'traffic-body';
    body.append(this.#list.element, this.#empty, this.#follow);
    element.append(this.#filterBar.element, this.#makeHeadings(), body);
    element.addEventListener('keydown', (event) => {
      if (event.key !== '/' || event.target !== this.#list.element) return;
      event.preventDefault();
      this.#filterBar.focus();
    });
    store.subscribe(() => {
      this.#schedule();
    });
    ui.subscribe(() => {
      this.#drawn = undefined;
      this.#schedule();
    });
    this.#schedule();
  }

  focus(): void {
    this.#list.element.focus();
  }

  focusFilter(): void {
    this.#filterBar.focus();
  }

  #makeRow(): { element: HTMLElement; fill(item: Item): void } {
    const row = new TrafficRow();
    return {
      element: row.element,
      fill: (item) => {
        const { model, nowUs } = this.store.state;
        row.fill(rowOf(item, model, nowUs, this.#sinceUs()));
      },
    };
  }

  #makeHeadings(): HTMLElement {
    const headings = document.createElement('div');
    headings.className = 'traffic-headings';
    this.#since.type = 'button';
    this.#since.addEventListener('click', () => {
      const { since } = this.ui.state;
      this.ui.update({ since: since === 'start' ? 'selection' : 'start' });
    });
    const duration = document.createElement('span');
    duration.textContent = t('Duration');
    const size = document.createElement('span');
    size.textContent = t('Size');
    headings.append(this.#since, duration, size);
    return headings;
  }

  /** At most once for each picture on the screen, however much happens. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { state } = this.store;
    const before = this.#drawn;
    this.#drawn = state;
    const isOther = before?.revision !== state.revision || before.filters !== state.filters;
    const selects = before?.selection !== state.selection;
    const grows = before?.nowUs !== state.nowUs && isLive(state);
    if (isOther) this.#items = filterItems(state.model, state.filters, this.#texts);
    if (isOther || selects || grows) {
      this.#drawSince();
      const selected = state.model.item(state.selection);
      const chosen = selected === undefined ? -1 : this.#items.indexOf(selected);
      this.#list.show(this.#items, chosen);
      if (selects && chosen >= 0) this.#list.reveal(chosen);
    }
    if (isOther) this.#drawEmpty();
    if (isLive(state)) this.#grown = state.model;
    if (this.#isFollowing && (isOther || !before.follow)) this.#list.scrollToEnd();
    this.#follow.hidden = !isLive(state) || state.follow;
    this.#filterBar.tellCount(this.#items.length, state.model.all.length);
  }

  get #isFollowing(): boolean {
    const { model, follow } = this.store.state;
    return follow && model === this.#grown;
  }

  #drawSince(): void {
    const fromSelection = this.ui.state.since === 'selection';
    const text = fromSelection ? t('ms since selection') : t('ms since start');
    if (this.#since.textContent === text) return;
    this.#since.textContent = text;
    this.#since.title = fromSelection
      ? t('Count times from the start of the migration')
      : t('Count times from the selected row');
  }

  #drawEmpty(): void {
    const isEmpty = this.#items.length === 0;
    this.#empty.hidden = !isEmpty;
    if (!isEmpty) return;
    if (this.store.state.model.all.length === 0) {
      this.#empty.textContent = t('Nothing has happened yet.');
      return;
    }
    const reset = button({
      label: t('Reset the filters'),
      onClick: () => {
        this.store.update({ filters: defaultFilters });
      },
    });
    const said = document.createElement('p');
    said.textContent = t('Nothing matches the filters.');
    this.#empty.replaceChildren(said, reset);
  }

  #sinceUs(): number {
    const { model, selection } = this.store.state;
    return this.ui.state.since === 'selection' ? (model.item(selection)?.startUs ?? 0) : 0;
  }
}

function isLive({ model }: PageState): boolean {
  return model.header !== undefined && model.verdict === undefined;
}
