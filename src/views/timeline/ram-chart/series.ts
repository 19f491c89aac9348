/** RAM samples as the chart's columns. */
import type { RamItem } from '../model/items';

const mebibyte = 1024 * 1024;
/** QEMU measures in megabits; the chart shows megabytes, as sizes are in bytes too. */
const bitsPerByte = 8;

/** Times in µs, then MiB remaining, MiB transferred, MB/s; null where nothing was measured. */
export type RamColumns = [number[], number[], number[], (number | null)[]];

export function columnsOf(samples: readonly RamItem[]): RamColumns {
  return [
    samples.map(({ startUs }) => startUs),
    samples.map(({ remaining }) => remaining / mebibyte),
    samples.map(({ transferred }) => transferred / mebibyte),
    samples.map(({ mbps }) => (mbps === undefined ? null : mbps / bitsPerByte)),
  ];
}

/** Scales begin at 0, and do not jump when another part of the time is looked at. */
export function highest(...columns: readonly (readonly (number | null)[])[]): number {
  let most = 1;
  for (const column of columns) for (const value of column) most = Math.max(most, value ?? 0);
  return most * 1.1;
}

/** What the legend says of a sample. */
export function valuesAt([, remaining, transferred, rate]: RamColumns, index: number): string[] {
  const [mib, mibSent, perSecond] = [remaining[index], transferred[index], rate[index]];
  return [
    mib === undefined ? '' : `${mib.toFixed(1)} MiB`,
    mibSent === undefined ? '' : `${mibSent.toFixed(1)} MiB`,
    perSecond === undefined || perSecond === null ? '' : `${perSecond.toFixed(0)} MB/s`,
  ];
}
