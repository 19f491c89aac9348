/** The time that is seen, and what zooming and panning make of it. All times in µs. */

export interface Viewport {
  readonly startUs: number;
  readonly endUs: number;
}

/** The time that there is to be seen. */
export type Extent = Viewport;

/** Nothing in a trace is finer: 1 µs fills the whole width then. */
export const shortestUs = 1;

/** Left free on both sides of what is fitted, as a part of it. */
const margin = 0.02;

/** How far one may pan or zoom out beyond the extent, as a part of the viewport. */
const slack = 0.5;

export function spanOf({ startUs, endUs }: Viewport): number {
  return endUs - startUs;
}

/** All of the extent, with a little air around it. */
export function fit({ startUs, endUs }: Extent): Viewport {
  const span = Math.max(endUs - startUs, shortestUs);
  return { startUs: startUs - span * margin, endUs: startUs + span * (1 + margin) };
}

/** Whether all of the extent is to be seen. */
export function isFitted(viewport: Viewport, extent: Extent): boolean {
  return viewport.startUs <= extent.startUs && viewport.endUs >= extent.endUs;
}

/** Shows the interval with room around it; a moment is shown with its surroundings. */
export function zoomTo(interval: Viewport, extent: Extent): Viewport {
  const span = Math.max(interval.endUs - interval.startUs, shortestUs);
  const air = interval.endUs > interval.startUs ? span / 4 : spanOf(extent) / 200;
  return clamp({ startUs: interval.startUs - air, endUs: interval.startUs + span + air }, extent);
}

/**
 * What lies at `aboutUs` stays where it is.
 * @param factor above 1 to see more time, below 1 to see less
 */
export function zoom(
  viewport: Viewport,
  factor: number,
  aboutUs: number,
  extent: Extent,
): Viewport {
  const span = spanOf(viewport);
  const wanted = Math.min(Math.max(span * factor, shortestUs), longest(extent));
  const share = (aboutUs - viewport.startUs) / span;
  const startUs = aboutUs - share * wanted;
  return clamp({ startUs, endUs: startUs + wanted }, extent);
}

export function pan(viewport: Viewport, byUs: number, extent: Extent): Viewport {
  return clamp({ startUs: viewport.startUs + byUs, endUs: viewport.endUs + byUs }, extent);
}

/** The same span, moved no further than needed for the interval to be seen. */
export function reveal(viewport: Viewport, interval: Viewport, extent: Extent): Viewport {
  const { startUs, endUs } = viewport;
  if (interval.startUs < endUs && interval.endUs > startUs) return viewport;
  const middle = Math.min(interval.endUs, interval.startUs + spanOf(viewport) / 2);
  return pan(viewport, (interval.startUs + middle) / 2 - (startUs + endUs) / 2, extent);
}

/** The same span, ending a little behind `nowUs`. */
export function follow(viewport: Viewport, nowUs: number): Viewport {
  const span = spanOf(viewport);
  const endUs = nowUs + span * margin;
  return { startUs: endUs - span, endUs };
}

/** No longer than what there is with its air, and never so far off that nothing is to be seen. */
export function clamp(viewport: Viewport, extent: Extent): Viewport {
  const span = Math.min(Math.max(spanOf(viewport), shortestUs), longest(extent));
  const first = extent.startUs - span * slack;
  const last = extent.endUs + span * slack - span;
  const startUs = Math.min(Math.max(viewport.startUs, first), Math.max(first, last));
  return { startUs, endUs: startUs + span };
}

function longest(extent: Extent): number {
  return Math.max(spanOf(extent), shortestUs) * (1 + 2 * margin);
}
