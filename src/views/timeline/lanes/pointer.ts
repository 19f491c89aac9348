/** What the mouse does in the lanes: it points, pans, marks what to zoom to, selects. */
import { linesOf, nameOf } from '../model/describe';
import type { Item } from '../model/items';
import { toUs, type TimeScale } from '../model/time-scale';
import { spanOf, type Viewport } from '../model/viewport';
import { look, select, zoomAbout, zoomToItem, zoomToStandstill } from '../navigation';
import type { Store } from '../store';
import { flag, headHeight, overviewBottom, overviewScale } from './draw-head';
import { gutter } from './frame';
import { Tooltip } from './tooltip';
import { wheeled } from './wheel';

/** Moved less than this, in pixels, a press is a click. */
const clickSlop = 3;

/** What of the lanes the mouse needs to know. */
export interface Pointed {
  readonly element: HTMLElement;
  readonly scale: TimeScale;
  /** @param y in the lanes, below their head */
  itemAt(x: number, y: number): Item | undefined;
  /** Something is to be drawn differently. */
  invalidate(): void;
}

/** In pixels from the left, from the top of what is seen, and from the top of the lanes. */
interface Place {
  readonly x: number;
  readonly seenY: number;
  readonly y: number;
}

type Drag =
  | { readonly kind: 'overview' }
  | { readonly kind: 'mark'; readonly fromUs: number }
  | {
      readonly kind: 'pan';
      readonly from: Viewport;
      readonly x: number;
      readonly seenY: number;
      readonly scrollTop: number;
    };

export class Pointer {
  /** Where it is, if it is over the lanes. */
  x: number | undefined;
  hovered: Item | undefined;
  /** What is being marked to be zoomed to. */
  marked: Viewport | undefined;
  readonly #tooltip: Tooltip;
  #drag: Drag | undefined;
  #hasMoved = false;

  /** @param signal ends it */
  constructor(
    private readonly lanes: Pointed,
    private readonly store: Store,
    tooltipParent: HTMLElement,
    signal: AbortSignal,
  ) {
    const { element } = lanes;
    this.#tooltip = new Tooltip(tooltipParent);
    signal.addEventListener('abort', () => {
      this.#tooltip.dispose();
    });
    element.addEventListener('wheel', this.#wheel, { signal, passive: false });
    element.addEventListener('pointerdown', this.#down, { signal });
    element.addEventListener('pointermove', this.#move, { signal });
    element.addEventListener('pointerup', this.#up, { signal });
    element.addEventListener('pointercancel', this.#endDrag, { signal });
    element.addEventListener('pointerleave', this.#leave, { signal });
    element.addEventListener('dblclick', this.#doubleClick, { signal });
  }

  readonly #wheel = (event: WheelEvent): void => {
    const { x } = this.#place(event);
    // Over the names the lanes scroll as anything else does.
    if (x >= gutter) wheeled(event, x, this.lanes.scale, this.store);
  };

  readonly #down = (event: PointerEvent): void => {
    const { element, scale } = this.lanes;
    const { x, seenY } = this.#place(event);
    if (event.button !== 0 || x < gutter || x > element.clientWidth) return;
    element.setPointerCapture(event.pointerId);
    this.#hasMoved = false;
    if (seenY < overviewBottom) {
      this.#drag = { kind: 'overview' };
      this.#panOverview(x);
    } else if (event.shiftKey || seenY < flag.top) {
      this.#drag = { kind: 'mark', fromUs: toUs(scale, x) };
    } else {
      const { scrollTop } = element;
      this.#drag = { kind: 'pan', from: this.store.state.viewport, x, seenY, scrollTop };
    }
  };

  readonly #move = (event: PointerEvent): void => {
    const place = this.#place(event);
    this.x = place.x < gutter ? undefined : place.x;
    if (this.#drag === undefined) {
      this.#hover(event, place);
    } else {
      this.#tooltip.hide();
      this.#dragTo(this.#drag, place);
    }
    this.lanes.invalidate();
  };

  #dragTo(drag: Drag, { x, seenY }: Place): void {
    const { element, scale } = this.lanes;
    switch (drag.kind) {
      case 'overview':
        this.#panOverview(x);
        break;
      case 'mark': {
        const us = toUs(scale, x);
        this.marked = { startUs: Math.min(us, drag.fromUs), endUs: Math.max(us, drag.fromUs) };
        break;
      }
      case 'pan': {
        const [byX, byY] = [x - drag.x, seenY - drag.seenY];
        this.#hasMoved ||= Math.hypot(byX, byY) > clickSlop;
        if (!this.#hasMoved) break;
        const byUs = byX / scale.pixelsPerUs;
        const { startUs, endUs } = drag.from;
        look(this.store, { startUs: startUs - byUs, endUs: endUs - byUs });
        element.scrollTop = drag.scrollTop - byY;
        break;
      }
    }
  }

  readonly #up = (event: PointerEvent): void => {
    const drag = this.#drag;
    const marked = this.marked;
    this.#endDrag();
    if (drag?.kind === 'mark' && marked !== undefined) {
      const pixels = spanOf(marked) * this.lanes.scale.pixelsPerUs;
      if (pixels > clickSlop) look(this.store, marked);
    } else if (drag?.kind === 'pan' && !this.#hasMoved) {
      const place = this.#place(event);
      if (place.seenY < headHeight) zoomToStandstill(this.store);
      else select(this.store, this.#itemAt(place));
    }
  };

  readonly #endDrag = (): void => {
    this.#drag = undefined;
    this.marked = undefined;
    this.lanes.invalidate();
  };

  readonly #leave = (): void => {
    this.x = undefined;
    this.hovered = undefined;
    this.#tooltip.hide();
    this.lanes.invalidate();
  };

  readonly #doubleClick = (event: MouseEvent): void => {
    const place = this.#place(event);
    if (place.x < gutter || place.seenY < headHeight) return;
    const item = this.#itemAt(place);
    if (item !== undefined) zoomToItem(this.store, item);
    else zoomAbout(this.store, 0.5, toUs(this.lanes.scale, place.x));
  };

  #hover({ clientX, clientY }: PointerEvent, place: Place): void {
    const { model, nowUs } = this.store.state;
    const item = this.#itemAt(place);
    this.hovered = item;
    if (item === undefined) this.#tooltip.hide();
    else this.#tooltip.show(nameOf(item), linesOf(item, model, nowUs), clientX, clientY);
    this.lanes.element.classList.toggle('lanes-pointing', item !== undefined);
  }

  #panOverview(x: number): void {
    const { viewport, nowUs } = this.store.state;
    const middle = toUs(overviewScale(nowUs, this.lanes.scale.width), x);
    const half = spanOf(viewport) / 2;
    look(this.store, { startUs: middle - half, endUs: middle + half });
  }

  #itemAt({ x, seenY, y }: Place): Item | undefined {
    return seenY < headHeight ? undefined : this.lanes.itemAt(x, y);
  }

  #place({ clientX, clientY }: MouseEvent): Place {
    const { element } = this.lanes;
    const { left, top } = element.getBoundingClientRect();
    const seenY = clientY - top;
    return { x: clientX - left, seenY, y: seenY - headHeight + element.scrollTop };
  }
}
