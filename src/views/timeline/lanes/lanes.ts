/** The lanes of the timeline: two canvases over one time axis, of which the upper one stays in sight. */
import './lanes.css';
import { itemAt, laneOf } from '../model/hit-test';
import type { Item } from '../model/items';
import { labelHeight, layoutOf, type Layout } from '../model/layout';
import { timeScale, toUs, type TimeScale } from '../model/time-scale';
import type { PageState, Store } from '../store';
import { selectionOf, summaryOf } from './announce';
import { Canvas, TextWidths } from './canvas';
import { drawHead, headHeight, plotWidth } from './draw-head';
import { drawLanes, type DrawnLabel } from './draw-lanes';
import { gutter, type Frame } from './frame';
import { pressed } from './keyboard';
import { Pointer, type Pointed } from './pointer';
import { readTheme, watchTheme } from './theme';

export class Lanes implements Pointed {
  readonly element = document.createElement('div');
  readonly #head = new Canvas('lanes-head');
  readonly #body = new Canvas('lanes-body');
  readonly #spoken = document.createElement('div');
  readonly #pointer: Pointer;
  readonly #end = new AbortController();
  #theme = readTheme(document.body);
  #widths = new TextWidths();
  #layout: Layout;
  #labels: readonly DrawnLabel[] = [];
  #frameRequest: number | undefined;

  constructor(
    parent: HTMLElement,
    private readonly store: Store,
  ) {
    this.#layout = layoutOf(store.state.model);
    const { element } = this;
    const { signal } = this.#end;
    element.className = 'lanes';
    element.tabIndex = 0;
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', summaryOf(store.state.model));
    this.#spoken.className = 'lanes-spoken';
    this.#spoken.setAttribute('aria-live', 'polite');
    element.append(this.#head.element, this.#body.element);
    parent.append(element, this.#spoken);
    this.#pointer = new Pointer(this, store, parent, signal);
    element.addEventListener('keydown', this.#key, { signal });
    const resized = new ResizeObserver(() => {
      this.invalidate();
    });
    resized.observe(element);
    const endings = [
      store.subscribe((state, before) => {
        this.#changed(state, before);
      }),
      watchTheme(() => {
        this.#theme = readTheme(document.body);
        this.#widths = new TextWidths();
        this.invalidate();
      }),
    ];
    signal.addEventListener('abort', () => {
      resized.disconnect();
      for (const end of endings) end();
    });
    this.invalidate();
  }

  dispose(): void {
    this.#end.abort();
    if (this.#frameRequest !== undefined) cancelAnimationFrame(this.#frameRequest);
    this.element.remove();
    this.#spoken.remove();
  }

  focus(): void {
    this.element.focus();
  }

  get scale(): TimeScale {
    return timeScale(this.store.state.viewport, gutter, plotWidth(this.element.clientWidth));
  }

  itemAt(x: number, y: number): Item | undefined {
    const label = this.#labels.find(
      ({ x: left, width, top }) =>
        x >= left && x < left + width && y >= top && y < top + labelHeight,
    );
    return label?.item ?? itemAt(this.#layout, this.scale, this.store.state.nowUs, x, y);
  }

  /** However often it is called, the next frame draws once. */
  invalidate(): void {
    this.#frameRequest ??= requestAnimationFrame(() => {
      this.#frameRequest = undefined;
      this.#draw();
    });
  }

  #changed(state: PageState, before: PageState): void {
    if (state.revision !== before.revision) {
      this.#layout = layoutOf(state.model);
      this.element.setAttribute('aria-label', summaryOf(state.model));
    }
    if (state.selection !== before.selection) {
      this.#spoken.textContent = selectionOf(state);
      this.#scrollTo(state.model.item(state.selection));
    }
    this.invalidate();
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    this.#head.resize(width, headHeight);
    this.#body.resize(width, Math.max(this.#layout.height, height - headHeight));
    const frame = this.#frame();
    drawHead(this.#head, frame);
    this.#labels = drawLanes(this.#body, frame);
  }

  #frame(): Frame {
    const { model, nowUs, selection } = this.store.state;
    const { x, hovered, marked } = this.#pointer;
    const { scale } = this;
    return {
      model,
      layout: this.#layout,
      scale,
      nowUs,
      theme: this.#theme,
      widths: this.#widths,
      selected: model.item(selection),
      hovered,
      pointerUs: x === undefined ? undefined : toUs(scale, x),
      marked,
    };
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (pressed(event.key, this.store, this.#layout)) event.preventDefault();
  };

  /** Up or down, if its lane is out of sight. */
  #scrollTo(item: Item | undefined): void {
    const lane = item && laneOf(this.#layout, item);
    if (lane === undefined) return;
    const { element } = this;
    const lowest = lane.top + lane.height + headHeight - element.clientHeight;
    element.scrollTop = Math.min(Math.max(element.scrollTop, lowest), lane.top);
  }
}
