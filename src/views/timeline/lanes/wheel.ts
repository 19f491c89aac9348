/** The wheel over anything that shows time: it zooms about the pointer, with Shift or sideways it pans. */
import { toUs, type TimeScale } from '../model/time-scale';
import { look, zoomAbout } from '../navigation';
import type { Store } from '../store';

const zoomOfPixel = 0.002;
/** Of a trackpad's pinch, which comes as a wheel with Ctrl. */
const zoomOfPinch = 0.01;
const linePixels = 16;

/** @param x of the pointer, as the scale counts it */
export function wheeled(event: WheelEvent, x: number, scale: TimeScale, store: Store): void {
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? linePixels : 1;
  const [deltaX, deltaY] = [event.deltaX * unit, event.deltaY * unit];
  const isSideways = Math.abs(deltaX) > Math.abs(deltaY);
  if (event.shiftKey || isSideways) {
    const { startUs, endUs } = store.state.viewport;
    const byUs = (isSideways ? deltaX : deltaY) / scale.pixelsPerUs;
    look(store, { startUs: startUs + byUs, endUs: endUs + byUs });
  } else {
    const factor = Math.exp(deltaY * (event.ctrlKey ? zoomOfPinch : zoomOfPixel));
    zoomAbout(store, factor, toUs(scale, x));
  }
}
