/** The lanes of the timeline: two canvases over one time axis, of which the upper one stays in sight. */
import './lanes.css';
import { t } from '../l10n';
import { linesOf, nameOf } from '../model/describe';
import { formatDuration } from '../model/format';
import { itemAt, laneOf } from '../model/hit-test';
import type { Item } from '../model/items';
import { labelHeight, layoutOf, type Layout } from '../model/layout';
import { timeScale, toUs, type TimeScale } from '../model/time-scale';
import { spanOf, type Viewport } from '../model/viewport';
import { look, select, zoomAbout, zoomToItem, zoomToStandstill } from '../navigation';
import type { PageState, Store } from '../store';
import { Canvas, TextWidths } from './canvas';
import { drawHead, flag, headHeight, overviewBottom, overviewScale, plotWidth } from './draw-head';
import { drawLanes, type DrawnLabel } from './draw-lanes';
import { gutter, type Frame } from './frame';
import { pressed } from './keyboard';
import { readTheme, watchTheme } from './theme';
import { Tooltip } from './tooltip';
import { wheeled } from './wheel';

/** Moved less than this, in pixels, a press is a click. */
const clickSlop = 3;

type Drag =
  | {
      readonly kind: 'pan';
      readonly x: number;
      readonly y: number;
      readonly from: Viewport;
      readonly scrollTop: number;
    }
  | { readonly kind: 'mark'; readonly fromUs: number }
  | { readonly kind: 'overview' };

export class Lanes {
  readonly #root = document.createElement('div');
  readonly #head = new Canvas('lanes-head');
  readonly #body = new Canvas('lanes-body');
  readonly #spoken = document.createElement('div');
  readonly #tooltip: Tooltip;
  #widths = new TextWidths();
  readonly #undo: (() => void)[] = [];
  #theme = readTheme(document.body);
  #layout: Layout;
  #frameRequest: number | undefined;
  #labels: readonly DrawnLabel[] = [];
  #hovered: Item | undefined;
  #pointerUs: number | undefined;
  #drag: Drag | undefined;
  #marked: Viewport | undefined;
  #hasMoved = false;

  constructor(
    parent: HTMLElement,
    private readonly store: Store,
  ) {
    this.#layout = layoutOf(store.state.model);
    const root = this.#root;
    root.className = 'lanes';
    root.tabIndex = 0;
    root.setAttribute('role', 'img');
    this.#spoken.className = 'lanes-spoken';
    this.#spoken.setAttribute('aria-live', 'polite');
    root.append(this.#head.element, this.#body.element);
    parent.append(root, this.#spoken);
    this.#tooltip = new Tooltip(parent);
    this.#summarize();
    this.#listen();
    this.#invalidate();
  }

  dispose(): void {
    for (const undo of this.#undo.splice(0)) undo();
    if (this.#frameRequest !== undefined) cancelAnimationFrame(this.#frameRequest);
    this.#tooltip.dispose();
    this.#root.remove();
    this.#spoken.remove();
  }

  focus(): void {
    this.#root.focus();
  }

  #listen(): void {
    const root = this.#root;
    const on = <Type extends keyof HTMLElementEventMap>(
      type: Type,
      listener: (event: HTMLElementEventMap[Type]) => void,
      options?: AddEventListenerOptions,
    ) => {
      root.addEventListener(type, listener, options);
      this.#undo.push(() => {
        root.removeEventListener(type, listener, options);
      });
    };
    on(
      'wheel',
      (event) => {
        this.#wheel(event);
      },
      { passive: false },
    );
    on('pointerdown', (event) => {
      this.#down(event);
    });
    on('pointermove', (event) => {
      this.#move(event);
    });
    on('pointerup', (event) => {
      this.#up(event);
    });
    on('pointercancel', () => {
      this.#endDrag();
    });
    on('pointerleave', () => {
      this.#leave();
    });
    on('dblclick', (event) => {
      this.#doubleClick(event);
    });
    on('keydown', (event) => {
      this.#key(event);
    });
    const resized = new ResizeObserver(() => {
      this.#invalidate();
    });
    resized.observe(root);
    this.#undo.push(
      this.store.subscribe((state, before) => {
        this.#changed(state, before);
      }),
      watchTheme(() => {
        this.#theme = readTheme(document.body);
        this.#widths = new TextWidths();
        this.#invalidate();
      }),
      () => {
        resized.disconnect();
      },
    );
  }

  #changed(state: PageState, before: PageState): void {
    if (state.revision !== before.revision) {
      this.#layout = layoutOf(state.model);
      this.#summarize();
    }
    if (state.selection !== before.selection) {
      this.#speak(state);
      this.#scrollTo(state.model.item(state.selection));
    }
    this.#invalidate();
  }

  #invalidate(): void {
    this.#frameRequest ??= requestAnimationFrame(() => {
      this.#frameRequest = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#root;
    if (width === 0 || height === 0) return;
    this.#head.resize(width, headHeight);
    this.#body.resize(width, Math.max(this.#layout.height, height - headHeight));
    const frame = this.#frame();
    drawHead(this.#head, frame);
    this.#labels = drawLanes(this.#body, frame);
  }

  #frame(): Frame {
    const { model, nowUs, selection } = this.store.state;
    return {
      model,
      layout: this.#layout,
      scale: this.#scale(),
      nowUs,
      theme: this.#theme,
      widths: this.#widths,
      selected: model.item(selection),
      hovered: this.#hovered,
      pointerUs: this.#pointerUs,
      marked: this.#marked,
    };
  }

  #scale(): TimeScale {
    return timeScale(this.store.state.viewport, gutter, plotWidth(this.#root.clientWidth));
  }

  /** Within the lanes; above 0 it is in the head. */
  #place(event: MouseEvent): { readonly x: number; readonly headY: number; readonly y: number } {
    const { left, top } = this.#root.getBoundingClientRect();
    const headY = event.clientY - top;
    return { x: event.clientX - left, headY, y: headY - headHeight + this.#root.scrollTop };
  }

  #itemAt(event: MouseEvent): Item | undefined {
    const { x, y, headY } = this.#place(event);
    if (headY < headHeight) return undefined;
    const label = this.#labels.find(
      ({ x: left, width, top }) =>
        x >= left && x < left + width && y >= top && y < top + labelHeight,
    );
    return label?.item ?? itemAt(this.#layout, this.#scale(), this.store.state.nowUs, x, y);
  }

  #wheel(event: WheelEvent): void {
    const { x } = this.#place(event);
    // Over the names the lanes scroll as anything else does.
    if (x < gutter) return;
    wheeled(event, x, this.#scale(), this.store);
  }

  #down(event: PointerEvent): void {
    const { x, y, headY } = this.#place(event);
    if (event.button !== 0 || x < gutter || x > this.#root.clientWidth) return;
    this.#root.setPointerCapture(event.pointerId);
    this.#hasMoved = false;
    if (headY < overviewBottom) {
      this.#drag = { kind: 'overview' };
      this.#panOverview(x);
    } else if (event.shiftKey || headY < flag.top) {
      this.#drag = { kind: 'mark', fromUs: toUs(this.#scale(), x) };
    } else {
      const { scrollTop } = this.#root;
      this.#drag = { kind: 'pan', x, y: y - scrollTop, from: this.store.state.viewport, scrollTop };
    }
  }

  #move(event: PointerEvent): void {
    const { x, y } = this.#place(event);
    const scale = this.#scale();
    this.#pointerUs = x < gutter ? undefined : toUs(scale, x);
    const drag = this.#drag;
    if (drag === undefined) this.#hover(event);
    else this.#tooltip.hide();
    switch (drag?.kind) {
      case 'overview':
        this.#panOverview(x);
        break;
      case 'mark': {
        const us = toUs(scale, x);
        this.#marked = { startUs: Math.min(us, drag.fromUs), endUs: Math.max(us, drag.fromUs) };
        break;
      }
      case 'pan': {
        const { scrollTop } = this.#root;
        const [byX, byY] = [x - drag.x, y - scrollTop - drag.y];
        this.#hasMoved ||= Math.hypot(byX, byY) > clickSlop;
        if (!this.#hasMoved) break;
        const byUs = byX / scale.pixelsPerUs;
        const { startUs, endUs } = drag.from;
        look(this.store, { startUs: startUs - byUs, endUs: endUs - byUs });
        this.#root.scrollTop = drag.scrollTop - byY;
        break;
      }
      case undefined:
        break;
    }
    this.#invalidate();
  }

  #up(event: PointerEvent): void {
    const drag = this.#drag;
    const marked = this.#marked;
    this.#endDrag();
    if (drag?.kind === 'mark' && marked !== undefined) {
      const pixels = spanOf(marked) * this.#scale().pixelsPerUs;
      if (pixels > clickSlop) look(this.store, marked);
    } else if (drag?.kind === 'pan' && !this.#hasMoved) {
      const { headY } = this.#place(event);
      if (headY < headHeight) zoomToStandstill(this.store);
      else select(this.store, this.#itemAt(event));
    }
  }

  #endDrag(): void {
    this.#drag = undefined;
    this.#marked = undefined;
    this.#invalidate();
  }

  #leave(): void {
    this.#hovered = undefined;
    this.#pointerUs = undefined;
    this.#tooltip.hide();
    this.#invalidate();
  }

  #panOverview(x: number): void {
    const { viewport, nowUs } = this.store.state;
    const middle = toUs(overviewScale(nowUs, plotWidth(this.#root.clientWidth)), x);
    const half = spanOf(viewport) / 2;
    look(this.store, { startUs: middle - half, endUs: middle + half });
  }

  #hover(event: PointerEvent): void {
    const { model, nowUs } = this.store.state;
    this.#hovered = this.#itemAt(event);
    if (this.#hovered === undefined) {
      this.#tooltip.hide();
    } else {
      const lines = linesOf(this.#hovered, model, nowUs);
      this.#tooltip.show(nameOf(this.#hovered), lines, event.clientX, event.clientY);
    }
    this.#root.classList.toggle('lanes-pointing', this.#hovered !== undefined);
  }

  #doubleClick(event: MouseEvent): void {
    const item = this.#itemAt(event);
    const { x, headY } = this.#place(event);
    if (x < gutter || headY < headHeight) return;
    if (item !== undefined) zoomToItem(this.store, item);
    else zoomAbout(this.store, 0.5, toUs(this.#scale(), x));
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (pressed(event.key, this.store, this.#layout)) event.preventDefault();
  }

  /** Up or down, if its lane is out of sight. */
  #scrollTo(item: Item | undefined): void {
    const lane = item && laneOf(this.#layout, item);
    if (lane === undefined) return;
    const root = this.#root;
    const [top, bottom] = [lane.top, lane.top + lane.height + headHeight];
    if (top < root.scrollTop) root.scrollTop = top;
    else if (bottom > root.scrollTop + root.clientHeight)
      root.scrollTop = bottom - root.clientHeight;
  }

  /** The picture in a sentence. */
  #summarize(): void {
    const { model } = this.store.state;
    const { standstill, totalUs, header } = model;
    this.#root.setAttribute(
      'aria-label',
      [
        t('Timeline of the migration of {0}', header?.domain ?? ''),
        ...(totalUs === undefined ? [] : [t('{0} in all', formatDuration(totalUs))]),
        ...(standstill === undefined || standstill.endUs === Infinity
          ? []
          : [
              t(
                'the guest stood still for {0}',
                formatDuration(standstill.endUs - standstill.startUs),
              ),
            ]),
        t(
          '{0} items; arrow keys select, W and S zoom, A and D pan; the list has all of them',
          model.all.length,
        ),
      ].join(', '),
    );
  }

  #speak({ model, selection, nowUs }: PageState): void {
    const item = model.item(selection);
    this.#spoken.textContent =
      item === undefined ? '' : [nameOf(item), ...linesOf(item, model, nowUs)].join(', ');
  }
}
