/** From time to pixels and back. */
import { spanOf, type Viewport } from './viewport';

export interface TimeScale {
  readonly viewport: Viewport;
  /** CSS pixels: where the viewport begins, and how wide it is. */
  readonly left: number;
  readonly width: number;
  readonly pixelsPerUs: number;
}

export function timeScale(viewport: Viewport, left: number, width: number): TimeScale {
  return { viewport, left, width, pixelsPerUs: width / spanOf(viewport) };
}

export function toX({ viewport, left, pixelsPerUs }: TimeScale, us: number): number {
  return left + (us - viewport.startUs) * pixelsPerUs;
}

export function toUs({ viewport, left, pixelsPerUs }: TimeScale, x: number): number {
  return viewport.startUs + (x - left) / pixelsPerUs;
}
