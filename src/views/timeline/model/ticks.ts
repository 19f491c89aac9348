/** Where the ruler has its marks, and what stands at them. */
import { spanOf, type Viewport } from './viewport';

export interface Tick {
  readonly us: number;
  readonly label: string;
}

export interface Ticks {
  /** What the labels count from, where they would be too long otherwise: `216 ms`. */
  readonly base: string | undefined;
  readonly ticks: readonly Tick[];
}

const units = [
  { us: 1_000_000, name: 's' },
  { us: 1000, name: 'ms' },
  { us: 1, name: 'µs' },
] as const;
type Unit = (typeof units)[number];
const microsecond = units[2];

/** When the span is less than this part of the time it begins at, labels count from a base. */
const farOff = 1 / 200;

/** @param count about how many there is room for */
export function ticksOf(viewport: Viewport, count: number): Ticks {
  const step = readableStep(spanOf(viewport) / Math.max(count, 1));
  const first = Math.ceil(viewport.startUs / step);
  const last = Math.floor(viewport.endUs / step);
  const isFar = spanOf(viewport) < viewport.startUs * farOff;
  const baseUnit = units.find(({ us }) => us <= Math.max(step * 500, 1000)) ?? microsecond;
  const baseUs = isFar ? Math.floor(viewport.startUs / baseUnit.us) * baseUnit.us : 0;
  const unit = unitFor(isFar ? spanOf(viewport) : viewport.endUs, step);
  const ticks = [];
  for (let index = first; index <= last; index++) {
    const us = index * step;
    ticks.push({ us, label: `${isFar ? '+' : ''}${inUnit(us - baseUs, unit, step)}` });
  }
  return { base: isFar ? inUnit(baseUs, baseUnit, baseUnit.us) : undefined, ticks };
}

/** The next 1, 2 or 5 times a power of ten, and at least 1 µs: nothing is finer. */
export function readableStep(atLeastUs: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(atLeastUs, 1)));
  const times = [1, 2, 5, 10].find((factor) => factor * power >= atLeastUs * 0.999) ?? 10;
  return times * power;
}

/** The largest unit in which neither the longest time nor the step have too many digits. */
function unitFor(longestUs: number, step: number): Unit {
  return units.find(({ us }) => longestUs >= us && step * 1000 > us) ?? microsecond;
}

function inUnit(us: number, unit: Unit, step: number): string {
  const digits = Math.max(0, Math.ceil(Math.log10(unit.us / step) - 1e-9));
  return `${(us / unit.us).toFixed(digits)} ${unit.name}`;
}
