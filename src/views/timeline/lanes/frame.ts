/** All that a picture of the lanes is made from: the same picture for the same frame. */
import type { Item } from '../model/items';
import type { Layout } from '../model/layout';
import type { TimeScale } from '../model/time-scale';
import type { TraceModel } from '../model/trace-model';
import type { Viewport } from '../model/viewport';
import type { TextWidths } from './canvas';
import type { Theme } from './theme';

export interface Frame {
  readonly model: TraceModel;
  readonly layout: Layout;
  readonly scale: TimeScale;
  /** The time there is. */
  readonly nowUs: number;
  readonly theme: Theme;
  /** In the theme's font. */
  readonly widths: TextWidths;
  readonly selected: Item | undefined;
  readonly hovered: Item | undefined;
  /** The time under the pointer. */
  readonly pointerUs: number | undefined;
  /** What is being marked to be zoomed to. */
  readonly marked: Viewport | undefined;
}

/** Width of the column with the lanes' names; the chart's axis has the same. */
export const gutter = 112;
/** Free at the right edge, in pixels. */
export const rightMargin = 12;
