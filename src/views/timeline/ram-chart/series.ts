/** RAM samples as the chart's columns. */
import type { RamItem } from '../model/items';

const mebibyte = 1024 * 1024;
/** QEMU measures in megabits; the chart shows megabytes, as sizes are in bytes too. */
const bitsPerByte = 8;

/** Times in µs, then MiB remaining, MiB transferred, MB/s; null where nothing was measured. */
export type RamColumns = [number[], (number | null)[], (number | null)[], (number | null)[]];

export function columnsOf(samples: readonly RamItem[]): RamColumns {
  return [
    samples.map(({ startUs }) => startUs),
    samples.map(({ remaining }) => remaining / mebibyte),
    samples.map(({ transferred }) => transferred / mebibyte),
    samples.map(({ mbps }) => (mbps === undefined ? null : mbps / bitsPerByte)),
  ];
}
